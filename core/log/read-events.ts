import { PloinkyError } from '../errors/ploinky-error.ts';
import type { EventEnvelope } from '../events/envelope.ts';
import type { Database } from './database.ts';
import type { ReadOptions } from './log-port.ts';
import { decodeLine } from './record.ts';
import { groupHolding, type StoredGroup, storedGroups } from './stored-groups.ts';
import type { StreamIndex } from './stream-index.ts';

/** An open database and what finds streams in it. */
export interface Stored {
  readonly db: Database;
  readonly index: StreamIndex;
}

/** Durable events as asked for; see `EventLog.read`. `head` is the last event at the time of the call. */
export async function* readEvents(stored: Stored, head: number, options: ReadOptions): AsyncGenerator<EventEnvelope> {
  const from = Math.max(1, options.from ?? 1);
  const to = Math.min(head, options.to ?? head);
  const reverse = options.reverse ?? false;
  const types = options.types ? new Set(options.types) : null;
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  if (from > to || left <= 0) return;
  const all =
    options.stream === undefined
      ? everyEvent(stored.db, from, to, reverse)
      : eventsOfStream(stored, options.stream, from, to, reverse);
  for await (const event of all) {
    if (types && !types.has(event.type)) continue;
    yield event;
    left -= 1;
    if (left <= 0) return;
  }
}

async function* everyEvent(db: Database, from: number, to: number, reverse: boolean): AsyncGenerator<EventEnvelope> {
  let expected = reverse ? to : from;
  for await (const { first, lines } of storedGroups(db, from, to, reverse)) {
    const last = first + lines.length - 1;
    if (reverse && last < from) return;
    for (let i = 0; i < lines.length; i += 1) {
      const seq = reverse ? last - i : first + i;
      if (seq < from || seq > to) continue;
      if (seq !== expected) throw missing(expected);
      expected += reverse ? -1 : 1;
      yield decoded(lines[seq - first] as string, seq);
    }
  }
  if (reverse ? expected >= from : expected <= to) throw missing(expected);
}

/** Through the index: to each group that may hold one of the stream's events. */
async function* eventsOfStream(
  { db, index }: Stored,
  stream: string,
  from: number,
  to: number,
  reverse: boolean,
): AsyncGenerator<EventEnvelope> {
  let group: StoredGroup | null = null;
  for (const seq of await index.candidates(db, stream, from, to, reverse)) {
    if (!group || seq < group.first || seq >= group.first + group.lines.length) group = await groupHolding(db, seq);
    const line = group?.lines[seq - group.first];
    if (line === undefined) throw missing(seq);
    const event = decoded(line, seq);
    if (event.stream === stream) yield event;
  }
}

function decoded(line: string, seq: number): EventEnvelope {
  const event = decodeLine(line, `event ${seq}`);
  if (event.seq !== seq) throw new PloinkyError('LOG_DAMAGED', `The record of event ${seq} holds event ${event.seq}.`);
  return event;
}

function missing(seq: number): PloinkyError {
  return new PloinkyError('LOG_DAMAGED', `Event ${seq} is missing from the log.`);
}
