/** Time and chance come in here and nowhere else, so that tests and replays can script them. */
export interface Clock {
  /** Milliseconds since 1970. May jump; never used for order. */
  now(): number;
  /** Monotonic milliseconds, for durations. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

export type NewId = () => string;

export { randomId } from './random-id.ts';

let isoMs = Number.NaN;
let isoText = '';
let second = Number.NaN;
/** With its dot. */
let secondText = '';

/**
 * `ms` as ISO 8601 in UTC. Many events are of the same millisecond, and more of the same second, and writing a date out is
 * felt on the path of a call.
 */
export function isoTime(ms: number): string {
  if (ms === isoMs) return isoText;
  const part = ms - second;
  if (part >= 0 && part < 1_000 && Number.isInteger(part)) {
    isoText = `${secondText}${part < 10 ? '00' : part < 100 ? '0' : ''}${part}Z`;
  } else {
    isoText = new Date(ms).toISOString();
    second = Math.floor(ms / 1_000) * 1_000;
    secondText = isoText.slice(0, -4);
  }
  isoMs = ms;
  return isoText;
}
