import type { Projection } from '../core/kernel/projection.ts';
import { illegal } from '../core/kernel/transition.ts';

/** Task events that were moved out of the database. */
export interface Segment {
  from: number;
  to: number;
  /** Events in the file. */
  count: number;
  since: string;
  until: string;
  file: string;
  bytes: number;
  rawBytes: number;
  sha256: string;
  first: string;
  last: string;
  outline: string;
  sealedAt: number;
  /** Null as long as the file is kept. */
  deleted: { seq: number; time: string; reason: string; keyframe: string } | null;
}

/** By the number of the first event. */
export const segments: Projection<Segment> = {
  name: 'segments',
  version: 1,
  types: ['log.sealed', 'log.segmentDeleted'],
  key: (event) => String((event.data as { from: number }).from),
  evolve(draft, event) {
    if (event.type === 'log.sealed') {
      if (draft) throw illegal(event, 'sealed');
      return { ...event.data, sealedAt: event.seq, deleted: null };
    }
    if (event.type !== 'log.segmentDeleted') return undefined;
    if (!draft || draft.deleted) throw illegal(event, draft ? 'deleted' : 'absent');
    const { reason, keyframe } = event.data;
    draft.deleted = { seq: event.seq, time: event.time, reason, keyframe };
    return undefined;
  },
};
