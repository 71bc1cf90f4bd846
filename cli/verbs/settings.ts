import type { Invocation } from '../command-spec.ts';
import { jsonText } from '../terminal/output.ts';
import { block, t, tick } from '../terminal/text.ts';

/** Settings whose values are text even where they look like numbers. */
const textual = new Set(['serverName', 'defaultImage']);

/** `cloud settings` */
export async function showSettings({ session }: Invocation): Promise<void> {
  const settings = await (await session.api()).manage<unknown>('GET', 'settings');
  session.out.result(settings, () => block(jsonText(settings, 2)));
}

/** `cloud settings set` */
export async function setSetting({ session, args }: Invocation): Promise<void> {
  const [name = '', text = ''] = args;
  const value = settingValue(name, text);
  const answer = await (await session.api()).manage('POST', 'settings', { body: { [name]: value } });
  session.out.result(answer, () => t`${tick} Updated ${name} = ${String(value)}`);
}

export function settingValue(name: string, text: string): string | number | boolean {
  if (textual.has(name)) return text;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
