import { PloinkyError } from '../errors/ploinky-error.ts';
import type { EventEnvelope } from '../events/envelope.ts';
import type { Database } from './database.ts';
import { seqOfStreamKey, streamRange } from './keys.ts';
import type { ReadOptions } from './log-port.ts';
import { decodeLine } from './record.ts';
import { groupOf, storedGroups } from './stored-groups.ts';

/** Durable events as asked for; see `EventLog.read`. `head` is the last event at the time of the call. */
export async function* readEvents(db: Database, head: number, options: ReadOptions): AsyncGenerator<EventEnvelope> {
  const from = Math.max(1, options.from ?? 1);
  const to = Math.min(head, options.to ?? head);
  const reverse = options.reverse ?? false;
  const types = options.types ? new Set(options.types) : null;
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  if (from > to || left <= 0) return;
  const all =
    options.stream === undefined
      ? everyEvent(db, from, to, reverse)
      : eventsOfStream(db, options.stream, from, to, reverse);
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

/** Through the index: key by key to the groups that hold the stream's events. */
async function* eventsOfStream(
  db: Database,
  stream: string,
  from: number,
  to: number,
  reverse: boolean,
): AsyncGenerator<EventEnvelope> {
  let groupAt = '';
  let group = groupOf('', '');
  for await (const [key, at] of db.iterator({ ...streamRange(stream, from, to), reverse })) {
    const seq = seqOfStreamKey(key);
    if (at !== groupAt) {
      const value = await db.get(at);
      if (value === undefined) throw missing(seq);
      group = groupOf(at, value);
      groupAt = at;
    }
    const line = group.lines[seq - group.first];
    if (line === undefined) throw missing(seq);
    yield decoded(line, seq);
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
