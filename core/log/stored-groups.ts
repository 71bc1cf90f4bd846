import { PloinkyError } from '../errors/ploinky-error.ts';
import type { Database } from './database.ts';
import { groupKey, groupRange, seqOfGroupKey } from './keys.ts';
import type { Head } from './log-port.ts';
import { chain, decodeLine, genesisHash, splitLine } from './record.ts';

/** A commit group as it lies in the database. */
export interface StoredGroup {
  readonly first: number;
  readonly lines: readonly string[];
}

const chunk = { size: 100, highWaterMarkBytes: 1024 * 1024 };

export function groupOf(key: string, value: string): StoredGroup {
  return { first: seqOfGroupKey(key), lines: value.split('\n') };
}

/** Groups from the one that holds `from` on, in order; or, reversed, from the one that holds `to` backwards. */
export async function* storedGroups(
  db: Database,
  from: number,
  to: number,
  reverse = false,
): AsyncGenerator<StoredGroup> {
  const start = reverse ? groupKey(0) : await keyOfGroupHolding(db, from);
  const iterator = db.iterator({
    gte: start ?? groupKey(0),
    lte: groupKey(to),
    reverse,
    highWaterMarkBytes: chunk.highWaterMarkBytes,
  });
  try {
    for (;;) {
      const entries = await iterator.nextv(chunk.size);
      if (entries.length === 0) return;
      for (const [key, value] of entries) yield groupOf(key, value);
    }
  } finally {
    await iterator.close();
  }
}

/** Null when the log ends before `seq`. */
export async function groupHolding(db: Database, seq: number): Promise<StoredGroup | null> {
  const [entry] = await db.iterator({ gte: groupRange.gte, lte: groupKey(seq), reverse: true, limit: 1 }).all();
  return entry ? groupOf(entry[0], entry[1]) : null;
}

async function keyOfGroupHolding(db: Database, seq: number): Promise<string | undefined> {
  const [key] = await db.keys({ gte: groupRange.gte, lte: groupKey(seq), reverse: true, limit: 1 }).all();
  return key;
}

/** The last event stored. @throws LOG_DAMAGED */
export async function storedHead(db: Database): Promise<Head> {
  const [entry] = await db.iterator({ ...groupRange, reverse: true, limit: 1 }).all();
  if (!entry) return { seq: 0, hash: genesisHash };
  const { first, lines } = groupOf(entry[0], entry[1]);
  const seq = first + lines.length - 1;
  return { seq, hash: splitLine(lines.at(-1) ?? '', `event ${seq}`).hash };
}

/**
 * Contiguity and hash chain from `from` to the end. The event before `from` is taken at its word.
 * @returns the last event
 * @throws PloinkyError LOG_DAMAGED naming the first event that does not fit
 */
export async function verifyGroups(db: Database, from: number, onProgress?: (seq: number) => void): Promise<Head> {
  let seq = 0;
  let hash: string | null = null;
  for await (const { first, lines } of storedGroups(db, from, Number.MAX_SAFE_INTEGER)) {
    if (hash === null && first === 1) hash = genesisHash;
    else if (seq !== 0 && first !== seq + 1) throw gap(seq + 1, first);
    else if (seq === 0 && first > from) throw gap(from, first);
    seq = first - 1;
    for (const line of lines) {
      seq += 1;
      const stored = splitLine(line, `event ${seq}`);
      const trusted = hash === null;
      if (!trusted && chain(hash as string, stored.json) !== stored.hash) throw broken(seq);
      if (decodeLine(line, `event ${seq}`).seq !== seq) throw broken(seq);
      hash = stored.hash;
    }
    onProgress?.(seq);
  }
  return { seq, hash: hash ?? genesisHash };
}

function gap(from: number, next: number): PloinkyError {
  const range = next - 1 === from ? `Event ${from} is` : `The events ${from} to ${next - 1} are`;
  return new PloinkyError('LOG_DAMAGED', `${range} missing from the log.`);
}

function broken(seq: number): PloinkyError {
  return new PloinkyError('LOG_DAMAGED', `Event ${seq} was changed: its hash does not fit its content.`);
}
