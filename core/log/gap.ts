import { hash as digest } from 'node:crypto';
import type { EventEnvelope } from '../events/envelope.ts';

/** Consecutive events that left the database for a segment file. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  /** Hash of the event before the first one. */
  readonly before: string;
  /** Hash of the last one: what comes next is chained to it, also when the file is gone. */
  readonly last: string;
  /** Time of the last one. */
  readonly time: string;
}

/** Why a segment file is gone for good. */
export interface Deletion {
  /** Of the `log.segmentDeleted` that says so. */
  readonly seq: number;
  readonly time: string;
  readonly reason: string;
}

/** A gap whose events nobody has any more. */
export interface DeletedGap extends Gap {
  /** First event of the segment. */
  readonly segment: number;
  readonly deletion: Deletion;
  /** Where folding goes on; only on the last gap of what was deleted. */
  readonly keyframe: Keyframe | null;
}

/** What the projections of task events had come to. */
export interface Keyframe {
  /** After this event. */
  readonly seq: number;
  readonly projections: Readonly<Record<string, KeyframeProjection>>;
}

export interface KeyframeProjection {
  readonly version: number;
  readonly entities: readonly (readonly [key: string, entity: object])[];
}

/** Type of the one envelope that readers get in place of deleted events. It is never stored. */
export const gapType = 'log.gap';

export interface GapData {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly segment: number;
  readonly deletion: Deletion;
}

/** What `log.segmentDeleted` tells of a keyframe. */
export function keyframeDigest(keyframe: Keyframe): string {
  return digest('sha256', JSON.stringify(keyframe), 'hex');
}

const keyframes = new WeakMap<object, Keyframe>();

/**
 * Stands for the deleted events from `from` to `to`. Its place and hash are those of the last one, so that who reads on
 * after it, or chains to it, need not know of gaps; where only a part was asked for, that hash is not known: ''.
 */
export function standIn(gap: DeletedGap, from = gap.from, to = gap.to): EventEnvelope<typeof gapType, GapData> {
  const data: GapData = { from, to, count: to - from + 1, segment: gap.segment, deletion: gap.deletion };
  // Not a field: it is for folding, and would fill the screen of who prints the event.
  if (gap.keyframe && to === gap.to) keyframes.set(data, gap.keyframe);
  return {
    ...{ seq: to, id: `gap:${from}-${to}`, time: gap.time, type: gapType, v: 1, stream: 'log', data },
    ...{ actor: 'system:retention', cause: null, trace: '', hash: to === gap.to ? gap.last : '' },
  };
}

export function isGap(event: EventEnvelope): event is EventEnvelope<typeof gapType, GapData> {
  return event.type === gapType;
}

/** First event that an envelope stands for. */
export function firstSeqOf(event: EventEnvelope): number {
  return isGap(event) ? event.data.from : event.seq;
}

export function keyframeOf(event: EventEnvelope<typeof gapType, GapData>): Keyframe | null {
  return keyframes.get(event.data) ?? null;
}
