import type { PloinkyError } from '../errors/ploinky-error.ts';
import type { EventEnvelope } from '../events/envelope.ts';
import { damage } from './damage.ts';
import type { Database } from './database.ts';
import { standIn } from './gap.ts';
import type { ReadOptions } from './log-port.ts';
import { decodeLine } from './record.ts';
import { groupHolding, lastSeqOf, type StoredGroup, storedGroups } from './stored-groups.ts';
import type { StreamIndex } from './stream-index.ts';

/** An open database and what finds streams in it. */
export interface Stored {
  readonly db: Database;
  readonly index: StreamIndex;
}

/** Events are handed on in pieces of about this many: a promise for each event would cost more than reading it. */
const pieceSize = 1_000;

/**
 * Durable events as asked for, in pieces that are never empty; see `EventLog.read`. `head` is the last event at the
 * time of the call. For deleted events there is one envelope that says so (`standIn`), unless a stream was asked for.
 * @throws PloinkyError LOG_DAMAGED
 */
export async function* readPieces(
  stored: Stored,
  head: number,
  options: ReadOptions,
): AsyncGenerator<readonly EventEnvelope[]> {
  const from = Math.max(1, options.from ?? 1);
  const to = Math.min(head, options.to ?? head);
  const types = options.types ? new Set(options.types) : null;
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  if (from > to || left <= 0) return;
  const range = { from, to, reverse: options.reverse ?? false };
  const all =
    options.stream === undefined
      ? everyEvent(stored.db, range, types ? 16 : left)
      : eventsOfStream(stored, options.stream, range);
  let piece: EventEnvelope[] = [];
  for await (const events of all) {
    for (const event of events) {
      if (types && !types.has(event.type)) continue;
      piece.push(event);
      left -= 1;
      if (left <= 0) break;
      if (piece.length < pieceSize) continue;
      yield piece;
      piece = [];
    }
    if (piece.length > 0) yield piece;
    if (left <= 0) return;
    piece = [];
  }
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly reverse: boolean;
}

/** `few`: as many events may be enough. */
async function* everyEvent(db: Database, range: Range, few: number): AsyncGenerator<Iterable<EventEnvelope>> {
  const { from, to, reverse } = range;
  let expected = reverse ? to : from;
  function* decoded(groups: readonly StoredGroup[]): Generator<EventEnvelope> {
    for (const { first, lines, gone } of groups) {
      if (gone) {
        const [begin, end] = [Math.max(from, gone.from), Math.min(to, gone.to)];
        if (begin > end) continue;
        if ((reverse ? end : begin) !== expected) throw gap(db, expected, reverse ? end : begin, reverse);
        expected = reverse ? begin - 1 : end + 1;
        yield standIn(gone, begin, end);
      }
      for (let i = 0; i < lines.length; i += 1) {
        const seq = reverse ? first + lines.length - 1 - i : first + i;
        if (seq < from || seq > to) continue;
        if (seq !== expected) throw gap(db, expected, seq, reverse);
        expected += reverse ? -1 : 1;
        yield decode(db, lines[seq - first] as string, seq);
      }
    }
  }
  for await (const groups of storedGroups(db, { ...range, atFirst: few })) yield decoded(groups);
  if (reverse && expected >= from) throw damage.missing(db.location, from, expected);
  if (!reverse && expected <= to) throw damage.missing(db.location, expected, to);
}

function gap(db: Database, expected: number, found: number, reverse: boolean): PloinkyError {
  const [from, to] = reverse ? [found + 1, expected] : [expected, found - 1];
  return from <= to ? damage.missing(db.location, from, to) : damage.changed(db.location, found);
}

/** Through the index: to each group that may hold one of the stream's events. */
async function* eventsOfStream(
  { db, index }: Stored,
  stream: string,
  { from, to, reverse }: Range,
): AsyncGenerator<readonly EventEnvelope[]> {
  await index.load(db);
  let group: StoredGroup | null = null;
  for (const seq of index.candidates(stream, from, to, reverse)) {
    if (!group || seq < group.first || seq > lastSeqOf(group)) group = await groupHolding(db, seq);
    if (group?.gone && seq <= group.gone.to) continue;
    const line = group?.lines[seq - group.first];
    if (line === undefined) throw damage.missing(db.location, seq, seq);
    const event = decode(db, line, seq);
    if (event.stream === stream) yield [event];
  }
}

function decode(db: Database, line: string, seq: number): EventEnvelope {
  const event = decodeLine(line, seq);
  if (!event) throw damage.changed(db.location, seq);
  return event;
}
