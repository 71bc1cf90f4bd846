import { hash as digest } from 'node:crypto';
import type { EventEnvelope, NewEvent } from '../events/envelope.ts';

/** Hash that the first event is chained to. */
export const genesisHash = '0'.repeat(64);

/** An event as it is stored: its hash, a space, the JSON that was hashed. One line; JSON holds no line break. */
export interface StoredLine {
  readonly line: string;
  readonly event: EventEnvelope;
}

type Writable = { -readonly [K in keyof EventEnvelope]: EventEnvelope[K] };

/** All that an event's hash is of, in the order that it depends on. */
function hashedFields(event: NewEvent, seq: number): Writable {
  const { id, time, type, v, stream, data, actor, cause, trace } = event;
  return { seq, id, time, type, v, stream, data, actor, cause, trace } as Writable;
}

/** The JSON that an event's hash is of. JSON that was written once is written the same way again. */
export function hashedJson(event: EventEnvelope): string {
  return JSON.stringify(hashedFields(event, event.seq));
}

/** The only encoding an event ever gets; `hash` is added to the object, not to the bytes. */
export function encodeEvent(event: NewEvent, seq: number, previousHash: string): StoredLine {
  const stored = hashedFields(event, seq);
  const json = JSON.stringify(stored);
  // After encoding, on the same object: a copy for each event is felt at 100,000 events a second.
  stored.hash = chain(previousHash, json);
  return { line: `${stored.hash} ${json}`, event: stored };
}

export function chain(previousHash: string, json: string): string {
  return digest('sha256', previousHash + json, 'hex');
}

const hashLength = 64;

/** Hash and JSON of a stored line, or null when it is none. */
export function splitLine(line: string): { hash: string; json: string } | null {
  if (line.length <= hashLength + 1 || line[hashLength] !== ' ') return null;
  return { hash: line.slice(0, hashLength), json: line.slice(hashLength + 1) };
}

/** The event of a stored line, or null when the line is not event `seq`. */
export function decodeLine(line: string, seq: number): EventEnvelope | null {
  const parts = splitLine(line);
  if (!parts) return null;
  try {
    const event = JSON.parse(parts.json) as Writable | null;
    if (typeof event !== 'object' || event === null || event.seq !== seq) return null;
    event.hash = parts.hash;
    return event;
  } catch {
    return null;
  }
}
