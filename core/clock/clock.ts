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

/** `ms` as ISO 8601 in UTC. Many events are of the same millisecond, and writing it out is felt on the path of a call. */
export function isoTime(ms: number): string {
  if (ms !== isoMs) {
    isoText = new Date(ms).toISOString();
    isoMs = ms;
  }
  return isoText;
}
