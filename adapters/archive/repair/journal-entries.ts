import { Cursor, type StoredEntry } from './stored-entry.ts';

const blockSize = 32 * 1024;
const headerSize = 7;
/** Kinds of pieces that a batch lies in. */
const whole = 1;
const first = 2;
const last = 4;

/**
 * The entries of a LevelDB journal (doc/log_format.md), as far as they can be read. LevelDB itself drops what follows a
 * wrong checksum without a word; here values are judged by checksums of their own, and events by the chain.
 */
export function* journalEntries(bytes: Buffer): Generator<StoredEntry> {
  let begun: Buffer[] | null = null;
  for (const { kind, content } of pieces(bytes)) {
    if (kind === whole || kind === first) begun = [];
    if (!begun) continue;
    begun.push(content);
    if (kind !== whole && kind !== last) continue;
    yield* entriesOf(Buffer.concat(begun));
    begun = null;
  }
  // The last batch may have been cut off; what came before the cut is good or not as anything else.
  if (begun) yield* entriesOf(Buffer.concat(begun));
}

function* pieces(bytes: Buffer): Generator<{ kind: number; content: Buffer }> {
  for (let block = 0; block < bytes.length; block += blockSize) {
    const end = Math.min(bytes.length, block + blockSize);
    for (let at = block; at + headerSize <= end; ) {
      const length = bytes.readUInt16LE(at + 4);
      const kind = bytes[at + 6] as number;
      // Nothing tells where the next piece is but the length of this one; the next block begins at a known place.
      if (kind < whole || kind > last) break;
      const content = bytes.subarray(at + headerSize, Math.min(end, at + headerSize + length));
      yield { kind, content };
      at += headerSize + length;
    }
  }
}

/** A batch: the version of its first entry, their count, then for each its kind, key and value. */
function* entriesOf(batch: Buffer): Generator<StoredEntry> {
  if (batch.length < 12) return;
  const version = Number(batch.readBigUInt64LE(0));
  const cursor = new Cursor(batch.subarray(12));
  for (let i = 0; cursor.left > 0; i += 1) {
    const at = cursor.at;
    try {
      const deleted = cursor.byte() === 0;
      const key = cursor.take(cursor.varint()).toString('utf8');
      const size = deleted ? 0 : cursor.varint();
      // A value that was cut off holds good lines before the cut.
      const value = cursor.take(Math.min(size, cursor.left)).toString('utf8');
      yield { key, value, version: version + i, deleted };
    } catch (error) {
      if (error instanceof RangeError && cursor.at >= at) return;
      throw error;
    }
  }
}
