import { damage } from './damage.ts';
import type { Database } from './database.ts';
import { groupKey, groupRange, seqOfGroupKey } from './keys.ts';
import type { Head } from './log-port.ts';
import { genesisHash, splitLine } from './record.ts';
import { seal, unseal } from './sealed.ts';

/** A commit group as it lies in the database. */
export interface StoredGroup {
  readonly first: number;
  readonly lines: readonly string[];
}

/** Put for a group. */
export function groupEntry(first: number, lines: readonly string[]): [key: string, value: string] {
  const key = groupKey(first);
  return [key, seal(key, lines.join('\n'))];
}

/** @throws PloinkyError LOG_DAMAGED */
function groupOf(db: Database, key: string, value: string): StoredGroup {
  const first = seqOfGroupKey(key);
  const content = unseal(key, value);
  if (content === null || !Number.isSafeInteger(first)) throw damage.unreadableGroup(db.location, key, first);
  return { first, lines: content.split('\n') };
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

/** Groups that hold the events of a range, some at a time. @throws PloinkyError LOG_DAMAGED */
export async function* storedGroups(db: Database, range: Range): AsyncGenerator<readonly StoredGroup[]> {
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
      yield entries.map(([key, value]) => groupOf(db, key, value));
      size = Math.min(most.groups, size * 4);
    }
  } finally {
    await iterator.close();
  }
}

/** Null when the log begins after `seq`. The group may end before `seq`. @throws PloinkyError LOG_DAMAGED */
export async function groupHolding(db: Database, seq: number): Promise<StoredGroup | null> {
  const [entry] = await db.iterator({ gte: groupRange.gte, lte: groupKey(seq), reverse: true, limit: 1 }).all();
  return entry ? groupOf(db, entry[0], entry[1]) : null;
}

async function keyOfGroupHolding(db: Database, seq: number): Promise<string> {
  const [key] = await db.keys({ gte: groupRange.gte, lte: groupKey(seq), reverse: true, limit: 1 }).all();
  return key ?? groupRange.gte;
}

/** The last event stored. @throws PloinkyError LOG_DAMAGED */
export async function storedHead(db: Database): Promise<Head> {
  const group = await groupHolding(db, Number.MAX_SAFE_INTEGER);
  if (!group) return { seq: 0, hash: genesisHash };
  const seq = group.first + group.lines.length - 1;
  return { seq, hash: hashAt(db, group, seq) };
}

/** Hash of event `seq` as stored. @throws PloinkyError LOG_DAMAGED */
export async function storedHash(db: Database, seq: number): Promise<string> {
  const group = await groupHolding(db, seq);
  if (!group || seq >= group.first + group.lines.length) throw damage.missing(db.location, seq, seq);
  return hashAt(db, group, seq);
}

function hashAt(db: Database, { first, lines }: StoredGroup, seq: number): string {
  const parts = splitLine(lines[seq - first] ?? '');
  if (!parts) throw damage.changed(db.location, seq);
  return parts.hash;
}
