import type { EventEnvelope } from '../events/envelope.ts';
import { damage } from './damage.ts';
import type { Database } from './database.ts';
import type { DeletedGap } from './gap.ts';
import type { Head } from './log-port.ts';
import { chain, decodeLine, genesisHash, splitLine } from './record.ts';
import { SealCheck } from './seal-check.ts';
import { storedGroups } from './stored-groups.ts';

export interface Watching {
  /** Told now and then: the last event checked so far. */
  readonly onProgress?: ((seq: number) => void) | undefined;
  /** Told of events that somebody decided to delete: the chain holds, and they are missing. */
  readonly onGap?: ((gap: DeletedGap) => void) | undefined;
}

/**
 * Contiguity and hash chain from the group that holds event `from` to the end. The first event of that group is
 * taken at its word, unless it is event 1. From event 1 on, sealed ranges are held against the `log.sealed` and
 * `log.segmentDeleted` events that tell of them.
 * @returns the last event
 * @throws PloinkyError LOG_DAMAGED naming the first event that does not fit
 */
export async function verifyGroups(db: Database, from: number, { onProgress, onGap }: Watching = {}): Promise<Head> {
  const seals = from === 1 ? new SealCheck(db.location) : null;
  let seq = 0;
  let hash: string | null = null;
  for await (const groups of storedGroups(db, { from, to: Number.MAX_SAFE_INTEGER })) {
    for (const group of groups) {
      const { first, lines, gone } = group;
      const expected: number = seq === 0 ? Math.min(first, from) : seq + 1;
      if (first > expected) throw damage.missing(db.location, expected, first - 1);
      if (first < expected) throw damage.changed(db.location, first);
      if (first === 1) hash = genesisHash;
      seals?.begin(group);
      seq = first - 1;
      if (gone) {
        if (hash !== null && gone.before !== hash) throw damage.changed(db.location, gone.from);
        hash = gone.last;
        seq = gone.to;
        onGap?.(gone);
      }
      for (const line of lines) {
        seq += 1;
        const event = nextEvent(db, line, seq, hash);
        hash = event.hash;
        seals?.event(event, group);
      }
    }
    onProgress?.(seq);
  }
  seals?.end();
  return { seq, hash: hash ?? genesisHash };
}

function nextEvent(db: Database, line: string, seq: number, previous: string | null): EventEnvelope {
  const parts = splitLine(line);
  const fits = parts !== null && (previous === null || chain(previous, parts.json) === parts.hash);
  const event = fits ? decodeLine(line, seq) : null;
  if (!event) throw damage.changed(db.location, seq);
  return event;
}
