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
  const before = asked(then?.data);
  return isDeepStrictEqual(before, leftOpen(before, asked(now?.data)));
}

function asked(data: unknown): object {
  return Object.fromEntries(Object.entries(data ?? {}).filter(([name]) => !decided.has(name)));
}

/** A redeploy that names no repository gets that of the deployment, which there may not have been the first time. */
function leftOpen(then: object, now: object): object {
  const [before, after] = [configOf(then), configOf(now)];
  if (!before || !after || (before.repository !== null && after.repository !== null)) return now;
  return { ...now, config: { ...after, repository: before.repository } };
}

function configOf(data: { readonly config?: unknown }): { readonly repository?: unknown } | null {
  return typeof data.config === 'object' ? data.config : null;
}
