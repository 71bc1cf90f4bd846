import type { EventEnvelope } from '../core/events/envelope.ts';
import type { Past } from './past.ts';

/**
 * Events by their ids, searched from `to` back to `from`: no index knows ids, and a cause lies close before its event. What is
 * not found there is left out.
 */
export async function eventsById(
  past: Pick<Past, 'pieces'>,
  ids: Iterable<string>,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Map<string, EventEnvelope>> {
  const wanted = new Set(ids);
  const found = new Map<string, EventEnvelope>();
  if (wanted.size === 0 || from > to) return found;
  for await (const piece of past.pieces({ from, to, reverse: true })) {
    for (const event of piece) if (wanted.delete(event.id)) found.set(event.id, event);
    if (wanted.size === 0) break;
  }
  return found;
}
