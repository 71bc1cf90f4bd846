import { isDeepStrictEqual } from 'node:util';

/** As much of an event as says what was wanted. */
interface Wanted {
  readonly type: string;
  readonly stream: string;
  readonly data: unknown;
}

/** What a decision adds of its own; everything else in its events was asked for. */
const decided = new Set(['release', 'trigger', 'engine', 'previous', 'version']);

/**
 * Whether the events that were stored under an Idempotency-Key answer the request that would store `wanted` now.
 * State has moved on since, so only the last event of each is compared, and of that only what the request said.
 */
export function sameRequest(stored: readonly Wanted[], wanted: readonly Wanted[]): boolean {
  const [then, now] = [stored.at(-1), wanted.at(-1)];
  if (then?.type !== now?.type || then?.stream !== now?.stream) return false;
  return isDeepStrictEqual(asked(then?.data), asked(now?.data));
}

function asked(data: unknown): unknown {
  return Object.fromEntries(Object.entries(data ?? {}).filter(([name]) => !decided.has(name)));
}
