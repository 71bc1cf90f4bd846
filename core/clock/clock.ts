import { nanoid } from 'nanoid';

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

export const randomId: NewId = () => nanoid();
