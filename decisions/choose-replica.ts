import type { Manifest } from '../core/manifest/manifest.ts';

/**
 * Which of several containers gets the next call: its index in `loads`. Where `most` leaves room in any of them, it is one
 * with room. Those that are as good as each other take turns.
 * @param loads calls that run in each of them; not empty
 * @param most how many may run in one
 * @param last the one that got the call before; -1 = none yet
 */
export function chooseReplica(
  balance: Manifest['balance'],
  loads: readonly number[],
  most: number,
  last: number,
): number {
  const count = loads.length;
  const next = (last + 1) % count;
  let best = next;
  for (let step = 0; step < count; step += 1) {
    const index = (next + step) % count;
    const load = loads[index] ?? 0;
    if (balance === 'roundRobin') {
      if (load < most) return index;
    } else if (load < (loads[best] ?? 0)) best = index;
  }
  return best;
}
