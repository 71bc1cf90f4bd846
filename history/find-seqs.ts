import type { Past } from './past.ts';

/**
 * Numbers of events by their ids, searched from `to` back to `from`: no index knows ids, and a cause lies close before
 * its event. What is not found there is left out.
 */
export async function findSeqs(
  past: Pick<Past, 'pieces'>,
  ids: Iterable<string>,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Map<string, number>> {
  const wanted = new Set(ids);
  const found = new Map<string, number>();
  if (wanted.size === 0 || from > to) return found;
  for await (const piece of past.pieces({ from, to, reverse: true })) {
    for (const { id, seq } of piece) if (wanted.delete(id)) found.set(id, seq);
    if (wanted.size === 0) break;
  }
  return found;
}
