export interface PollPace {
  /** ms; after a poll that found something. */
  readonly minMs: number;
  readonly maxMs: number;
}

/** Polls of many remotes drift apart by this much of a pause, in either direction. */
const jitter = 0.1;

/**
 * ms until a remote is asked again: twice as long after each poll that found nothing or failed.
 * @param quiet how many such polls came in a row
 * @param chance at random, 0 to 1
 */
export function pollDelayMs(quiet: number, { minMs, maxMs }: PollPace, chance: number): number {
  const longest = Math.max(minMs, maxMs);
  const full = Math.min(minMs * 2 ** Math.min(quiet, 40), longest);
  return Math.round(full * (1 - jitter + 2 * jitter * chance));
}
