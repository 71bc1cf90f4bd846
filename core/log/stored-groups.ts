import { damage } from './damage.ts';
import type { Database } from './database.ts';
import type { DeletedGap, Gap } from './gap.ts';
import { groupKey, groupRange, seqOfGroupKey } from './keys.ts';
import type { Head } from './log-port.ts';
import { genesisHash, splitLine } from './record.ts';
import { seal, unseal } from './sealed.ts';
import {
  type Element,
  encodeSealedRecord,
  firstOf,
  isKept,
  isSealedContent,
  lastOf,
  parseSealedRecord,
  type SealedRecord,
} from './sealed-record.ts';
import { linesOfGap } from './segment-cache.ts';
import { storedKeyframe } from './segment-manifest.ts';

/** Consecutive events as they were stored, wherever they lie now. */
export interface StoredGroup {
  readonly first: number;
  /** Empty where the events are gone. */
  readonly lines: readonly string[];
  /** Set where they were sealed: in which segment, and whether they are in its file. */
  readonly sealed?: { readonly segment: number; readonly gap: Gap | null };
  /** Set where nobody has them any more. */
  readonly gone?: DeletedGap;
}

/** A record of the database: a commit group, or what took the place of some. */
type StoredRecord = StoredGroup | SealedRecord;

function isSealed(record: StoredRecord): record is SealedRecord {
  return 'elements' in record;
}

/** Put for a group. */
export function groupEntry(first: number, lines: readonly string[]): [key: string, value: string] {
  const key = groupKey(first);
  return [key, seal(key, lines.join('\n'))];
}

/** Put for a part of a sealed range. */
export function sealedEntry(record: SealedRecord): [key: string, value: string] {
  const key = groupKey(firstOf(record.elements[0] as Element));
  return [key, seal(key, encodeSealedRecord(record))];
}

export function lastSeqOf({ first, lines, gone }: StoredGroup): number {
  return gone ? gone.to : first + lines.length - 1;
}

/** @throws PloinkyError LOG_DAMAGED */
function recordOf(db: Database, key: string, value: string): StoredRecord {
  const first = seqOfGroupKey(key);
  const content = unseal(key, value);
  if (content === null || !Number.isSafeInteger(first)) throw damage.unreadableGroup(db.location, key, first);
  if (!isSealedContent(content)) return { first, lines: content.split('\n') };
  const sealed = parseSealedRecord(content, first);
  if (!sealed) throw damage.unreadableGroup(db.location, key, first);
  return sealed;
}

const most = { groups: 1_000, highWaterMarkBytes: 1024 * 1024 };

interface Range {
  /** First event wanted; the group that holds it is the first, or when reversed the last. */
  readonly from: number;
  readonly to: number;
  readonly reverse?: boolean;
  /** As many groups are fetched at first; then more at a time. */
  readonly atFirst?: number;
}

/**
 * Groups that hold the events of a range, some at a time. Sealed events come out of their files as if they had never
 * been moved. @throws PloinkyError LOG_DAMAGED
 */
export async function* storedGroups(db: Database, range: Range): AsyncGenerator<readonly StoredGroup[]> {
  for await (const records of storedRecords(db, range)) {
    let plain: StoredGroup[] = [];
    for (const record of records) {
      if (!isSealed(record)) {
        plain.push(record);
        continue;
      }
      if (plain.length > 0) yield plain;
      plain = [];
      // One at a time: a small record may stand for megabytes.
      for await (const group of unsealed(db, record, range)) yield [group];
    }
    if (plain.length > 0) yield plain;
  }
}

async function* storedRecords(db: Database, range: Range): AsyncGenerator<readonly StoredRecord[]> {
  const iterator = db.iterator({
    gte: await keyOfGroupHolding(db, range.from),
    lte: groupKey(range.to),
    reverse: range.reverse ?? false,
    highWaterMarkBytes: most.highWaterMarkBytes,
  });
  let size = Math.min(most.groups, Math.max(1, range.atFirst ?? most.groups));
  try {
    for (;;) {
      const entries = await iterator.nextv(size);
      if (entries.length === 0) return;
      yield entries.map(([key, value]) => recordOf(db, key, value));
      size = Math.min(most.groups, size * 4);
    }
  } finally {
    await iterator.close();
  }
}

/** Groups of those elements that reach into the range. */
async function* unsealed(
  db: Database,
  { segment, elements }: SealedRecord,
  { from, to, reverse = false }: Range,
): AsyncGenerator<StoredGroup> {
  const runs = runsOf(elements.filter((element) => lastOf(element) >= from && firstOf(element) <= to));
  for (const run of reverse ? runs.reverse() : runs) yield await groupOfRun(db, segment, run);
}

/** Events that stayed, together; each gap by itself. */
function runsOf(elements: readonly Element[]): (readonly Element[])[] {
  const runs: Element[][] = [];
  for (const element of elements) {
    const run = runs.at(-1);
    if (run && isKept(element) && isKept(run[0] as Element)) run.push(element);
    else runs.push([element]);
  }
  return runs;
}

async function groupOfRun(db: Database, segment: number, run: readonly Element[]): Promise<StoredGroup> {
  const element = run[0] as Element;
  if (isKept(element)) {
    const lines = run.map((kept) => (isKept(kept) ? kept.line : ''));
    return { first: element.seq, lines, sealed: { segment, gap: null } };
  }
  const found = await linesOfGap(db, segment, element);
  const sealed = { segment, gap: element };
  if ('lines' in found) return { first: element.from, lines: found.lines, sealed };
  const { deletion } = found.deleted;
  if (!deletion) throw damage.missing(db.location, element.from, element.to);
  const keyframe = await storedKeyframe(db, element.to);
  return { first: element.from, lines: [], sealed, gone: { ...element, segment, deletion, keyframe } };
}

/** Null when the log begins after `seq`. The group may end before `seq`. @throws PloinkyError LOG_DAMAGED */
export async function groupHolding(db: Database, seq: number): Promise<StoredGroup | null> {
  const [entry] = await db.iterator({ gte: groupRange.gte, lte: groupKey(seq), reverse: true, limit: 1 }).all();
  if (!entry) return null;
  const record = recordOf(db, entry[0], entry[1]);
  if (!isSealed(record)) return record;
  const { segment, elements } = record;
  const runs = runsOf(elements);
  const run = runs.findLast(([element]) => element !== undefined && firstOf(element) <= seq) ?? runs[0];
  return run ? groupOfRun(db, segment, run) : null;
}

async function keyOfGroupHolding(db: Database, seq: number): Promise<string> {
  const [key] = await db.keys({ gte: groupRange.gte, lte: groupKey(seq), reverse: true, limit: 1 }).all();
  return key ?? groupRange.gte;
}

/** The last event stored. @throws PloinkyError LOG_DAMAGED */
export async function storedHead(db: Database): Promise<Head> {
  const group = await groupHolding(db, Number.MAX_SAFE_INTEGER);
  if (!group) return { seq: 0, hash: genesisHash };
  const seq = lastSeqOf(group);
  return { seq, hash: hashAt(db, group, seq) };
}

/** Hash of event `seq` as stored. @throws PloinkyError LOG_DAMAGED, EVENTS_DELETED */
export async function storedHash(db: Database, seq: number): Promise<string> {
  const group = await groupHolding(db, seq);
  if (!group || seq > lastSeqOf(group)) throw damage.missing(db.location, seq, seq);
  return hashAt(db, group, seq);
}

function hashAt(db: Database, { first, lines, gone }: StoredGroup, seq: number): string {
  if (gone && seq === gone.to) return gone.last;
  if (gone) throw damage.deleted(gone, seq);
  const parts = splitLine(lines[seq - first] ?? '');
  if (!parts) throw damage.changed(db.location, seq);
  return parts.hash;
}
