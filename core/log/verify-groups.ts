import { damage } from './damage.ts';
import type { Database } from './database.ts';
import type { Head } from './log-port.ts';
import { chain, decodeLine, genesisHash, splitLine } from './record.ts';
import { storedGroups } from './stored-groups.ts';

/**
 * Contiguity and hash chain from the group that holds event `from` to the end. The first event of that group is
 * taken at its word, unless it is event 1.
 * @returns the last event
 * @throws PloinkyError LOG_DAMAGED naming the first event that does not fit
 */
export async function verifyGroups(db: Database, from: number, onProgress?: (seq: number) => void): Promise<Head> {
  let seq = 0;
  let hash: string | null = null;
  for await (const groups of storedGroups(db, { from, to: Number.MAX_SAFE_INTEGER })) {
    for (const { first, lines } of groups) {
      const expected: number = seq === 0 ? Math.min(first, from) : seq + 1;
      if (first > expected) throw damage.missing(db.location, expected, first - 1);
      if (first < expected) throw damage.changed(db.location, first);
      if (first === 1) hash = genesisHash;
      seq = first - 1;
      for (const line of lines) {
        seq += 1;
        hash = hashOfNext(db, line, seq, hash);
      }
    }
    onProgress?.(seq);
  }
  return { seq, hash: hash ?? genesisHash };
}

function hashOfNext(db: Database, line: string, seq: number, previous: string | null): string {
  const parts = splitLine(line);
  const fits = parts !== null && (previous === null || chain(previous, parts.json) === parts.hash);
  if (!fits || !decodeLine(line, seq)) throw damage.changed(db.location, seq);
  return parts.hash;
}
