/** What a Prefer header (RFC 7240) asks for, as far as it is known here. */
export interface Preference {
  readonly respondAsync: boolean;
  /** Milliseconds that the client would wait for an answer; null = it says nothing of it. */
  readonly waitMs: number | null;
}

const none: Preference = { respondAsync: false, waitMs: null };

/** As RFC 7240 has it, what is not understood is passed over, and the first of two alike counts. */
export function preferenceOf(header: string | string[] | undefined): Preference {
  if (header === undefined) return none;
  let respondAsync = false;
  let waitMs: number | null = null;
  for (const part of String(header).split(',')) {
    const [name = '', value = ''] = (part.split(';', 1)[0] ?? '').split('=').map((text) => text.trim().toLowerCase());
    if (name === 'respond-async') respondAsync = true;
    const seconds = /^"?(\d{1,6})"?$/.exec(value)?.[1];
    if (name === 'wait' && seconds !== undefined) waitMs ??= Number(seconds) * 1_000;
  }
  return { respondAsync, waitMs };
}
