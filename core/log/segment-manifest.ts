import { dirname, join } from 'node:path';
import { damage } from './damage.ts';
import type { Database } from './database.ts';
import type { Deletion, Keyframe } from './gap.ts';
import { keyframeKey, manifestKey, manifestRange } from './keys.ts';
import { seal, unseal } from './sealed.ts';

/** What `log.sealed` tells of a segment: events `from` to `to`, of which the task events lie in a file. */
export interface SegmentManifest {
  readonly from: number;
  readonly to: number;
  /** Events in the file. */
  readonly count: number;
  /** Hash of event `from`, and of event `to`. */
  readonly first: string;
  readonly last: string;
  /** Time of event `from`, and of event `to`. */
  readonly since: string;
  readonly until: string;
  /** Below `segments/`. */
  readonly file: string;
  readonly bytes: number;
  /** Before compression. */
  readonly rawBytes: number;
  /** Of the file. */
  readonly sha256: string;
  /** See `Outline`. */
  readonly outline: string;
}

export interface StoredSegment extends SegmentManifest {
  /** Null as long as the file is to be there. */
  readonly deletion: Deletion | null;
}

/** Where the files of a database's segments lie. */
export function segmentsFolder(db: Database): string {
  return join(dirname(db.location), 'segments');
}

export function fileName(from: number, to: number): string {
  const digits = (seq: number) => String(seq).padStart(12, '0');
  return `${digits(from)}-${digits(to)}.ndjson.gz`;
}

export function manifestEntry(segment: StoredSegment): [key: string, value: string] {
  const key = manifestKey(segment.from);
  return [key, seal(key, JSON.stringify(segment))];
}

/** @throws PloinkyError LOG_DAMAGED */
export async function storedSegment(db: Database, from: number): Promise<StoredSegment | null> {
  const key = manifestKey(from);
  const value = await db.get(key);
  return value === undefined ? null : parsed<StoredSegment>(db, key, value);
}

/** All of them, in order. @throws PloinkyError LOG_DAMAGED */
export async function storedSegments(db: Database): Promise<StoredSegment[]> {
  const entries = await db.iterator(manifestRange).all();
  return entries.map(([key, value]) => parsed<StoredSegment>(db, key, value));
}

export function keyframeEntry(keyframe: Keyframe): [key: string, value: string] {
  const key = keyframeKey(keyframe.seq);
  return [key, seal(key, JSON.stringify(keyframe))];
}

/** @throws PloinkyError LOG_DAMAGED */
export async function storedKeyframe(db: Database, seq: number): Promise<Keyframe | null> {
  const key = keyframeKey(seq);
  const value = await db.get(key);
  return value === undefined ? null : parsed<Keyframe>(db, key, value);
}

function parsed<T>(db: Database, key: string, value: string): T {
  const content = unseal(key, value);
  if (content === null) throw damage.unreadable(db.location, key);
  return JSON.parse(content) as T;
}
