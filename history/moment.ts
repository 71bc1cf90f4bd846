import { durationMs } from '../core/clock/duration.ts';
import { PloinkyError } from '../core/errors/ploinky-error.ts';
import { quote } from '../core/names/names.ts';

/** A place in history as somebody names it; which event that is, the log says. */
export type Moment =
  | { readonly kind: 'head' }
  | { readonly kind: 'seq'; readonly seq: number }
  /** Milliseconds since 1970: the event before the first one that is later. */
  | { readonly kind: 'time'; readonly at: number };

/**
 * `120` or `seq:120`, `head`, an ISO 8601 time, or a span back from `now` such as `10m`, `2h`, `1d`.
 * @throws PloinkyError MOMENT_INVALID
 */
export function parseMoment(text: string, now: number): Moment {
  if (text === 'head') return { kind: 'head' };
  const seq = /^(?:seq:)?(\d{1,15})$/.exec(text);
  if (seq) return { kind: 'seq', seq: Number(seq[1]) };
  const at = timeOf(text, now);
  if (at !== null) return { kind: 'time', at };
  throw new PloinkyError('MOMENT_INVALID', `${quote(text)} is neither an event's number nor a time.`);
}

/** Milliseconds since 1970 of an ISO 8601 time, or of a span back from `now` such as `10m`; null for anything else. */
export function timeOf(text: string, now: number): number | null {
  const span = durationMs(text);
  if (span !== null) return now - span;
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
