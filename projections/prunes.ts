import type { DataOf } from '../core/events/catalogue.ts';
import type { Projection } from '../core/kernel/projection.ts';
import { illegal } from '../core/kernel/transition.ts';

export type PruneItem = DataOf<'prune.requested'>['items'][number];

/** One entry, `prune`: what is being removed, and what became of it last. */
export interface Prunes {
  /** Set while nobody has said yet what became of it. */
  open: { seq: number; event: string; trace: string; items: readonly PruneItem[] } | null;
  /** Images that were removed, by engine and id: seq of the event that says so. Who brings them back is not known from it. */
  images: Record<string, number>;
  last: { time: string; removed: number; bytes: number; left: number } | null;
}

export const prunes: Projection<Prunes> = {
  name: 'prunes',
  version: 1,
  types: ['prune.requested', 'prune.completed'],
  key: () => 'prune',
  evolve(draft, event) {
    if (event.type === 'prune.requested') {
      if (draft?.open) throw illegal(event, 'requested');
      const open = { seq: event.seq, event: event.id, trace: event.trace, items: event.data.items };
      return { open, images: draft?.images ?? {}, last: draft?.last ?? null };
    }
    if (event.type !== 'prune.completed') return undefined;
    if (!draft?.open) throw illegal(event, draft ? 'completed' : 'absent');
    const left = new Set(event.data.left.map(({ kind, id }) => `${kind} ${id}`));
    for (const { kind, id } of draft.open.items) {
      if (kind === 'image' && !left.has(`image ${id}`)) draft.images[id] = event.seq;
    }
    const { removed, bytes } = event.data;
    draft.last = { time: event.time, removed, bytes, left: left.size };
    draft.open = null;
    return undefined;
  },
};
