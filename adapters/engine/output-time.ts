const utc = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/;
const zoned = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([+-]\d\d:\d\d)$/;

/** As `OutputMark` has it. @param ms since 1970 */
export function outputTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000000Z`;
}

/** RFC 3339 of an engine, in whatever zone and precision, as `OutputMark` has it; null when it is none. */
export function outputTimeOf(text: string): string | null {
  if (text.length === 30 && text.endsWith('Z') && utc.test(text)) return text;
  const [, plain, fraction = ''] = utc.exec(text) ?? [];
  if (plain !== undefined) return `${plain}.${fraction.padEnd(9, '0')}Z`;
  const [, local, part = '', zone] = zoned.exec(text) ?? [];
  if (local === undefined) return null;
  const ms = Date.parse(`${local}${zone}`);
  return Number.isNaN(ms) ? null : `${new Date(ms).toISOString().slice(0, 19)}.${part.padEnd(9, '0')}Z`;
}
