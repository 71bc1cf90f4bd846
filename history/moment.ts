import { PloinkyError } from '../core/errors/ploinky-error.ts';
import { quote } from '../core/names/names.ts';

/** A place in history as somebody names it; which event that is, the log says. */
export type Moment =
  | { readonly kind: 'head' }
  | { readonly kind: 'seq'; readonly seq: number }
  /** Milliseconds since 1970: the event before the first one that is later. */
  | { readonly kind: 'time'; readonly at: number };

const unit: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * `120` or `seq:120`, `head`, an ISO 8601 time, or a span back from `now` such as `10m`, `2h`, `1d`.
 * @throws PloinkyError MOMENT_INVALID
 */
export function parseMoment(text: string, now: number): Moment {
  if (text === 'head') return { kind: 'head' };
  const seq = /^(?:seq:)?(\d{1,15})$/.exec(text);
  if (seq) return { kind: 'seq', seq: Number(seq[1]) };
  const span = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  if (span) return { kind: 'time', at: now - Number(span[1]) * (unit[span[2] as string] as number) };
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new PloinkyError('MOMENT_INVALID', `${quote(text)} is neither an event's number nor a time.`);
  }
  return { kind: 'time', at: time };
}
