import { PloinkyError } from '../errors/ploinky-error.ts';
import type { AppendOptions } from './log-port.ts';

const longestKey = 200;

/** Why an append is refused before anything is looked at, or null. */
export function refusalOf({ idempotencyKey }: AppendOptions): PloinkyError | null {
  if (idempotencyKey === undefined) return null;
  const fits = idempotencyKey.length > 0 && idempotencyKey.length <= longestKey;
  // Half a character would be stored as a replacement sign, and two keys might become one.
  if (fits && !/\p{Cs}/u.test(idempotencyKey)) return null;
  return new PloinkyError('INVALID_REQUEST', `An idempotency key has 1 to ${longestKey} characters of valid Unicode.`);
}
