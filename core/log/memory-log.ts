import type { EventEnvelope, NewEvent } from '../events/envelope.ts';
import { refusalOf } from './append-options.ts';
import { versionConflict } from './commit-group.ts';
import { closedError } from './failures.ts';
import type { AppendOptions, EventLog, Head, ReadOptions, Subscription } from './log-port.ts';
import { decodeLine, encodeEvent, genesisHash } from './record.ts';
import { type Listener, Subscribers } from './subscribers.ts';

/** A log that ends with its process: for tests, and for looking at what would be. Same contract, no disk. */
export function createMemoryLog(onTrouble: (error: unknown) => void = () => {}): EventLog {
  return new MemoryLog(onTrouble);
}

const pieceSize = 1_000;

class MemoryLog implements EventLog {
  /** Encoded, as on disk: nobody can change what was stored through an object of theirs. */
  readonly #lines: string[] = [];
  readonly #versions = new Map<string, number>();
  readonly #keys = new Map<string, { from: number; to: number }>();
  readonly #subscribers: Subscribers;
  #head: Head = { seq: 0, hash: genesisHash };
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(onTrouble: (error: unknown) => void) {
    const history = { headSeq: () => this.#head.seq, pieces: (from: number) => this.#pieces({ from }, this.#head.seq) };
    this.#subscribers = new Subscribers(history, onTrouble);
  }

  append(events: readonly NewEvent[], options: AppendOptions = {}): Promise<readonly EventEnvelope[]> {
    if (this.#closed) return Promise.reject(closedError());
    const refusal = refusalOf(options);
    if (refusal) return Promise.reject(refusal);
    if (events.length === 0) return Promise.resolve([]);
    // A turn later, as on disk: no caller may count on an append being done when it returns.
    const result = this.#turn.then(() => this.#store(events, options));
    this.#turn = result.catch(() => {});
    return result;
  }

  read(options: ReadOptions = {}): AsyncGenerator<EventEnvelope> {
    return this.#read(options, this.#head.seq);
  }

  readPieces(options: ReadOptions = {}): AsyncGenerator<readonly EventEnvelope[]> {
    return this.#pieces(options, this.#head.seq);
  }

  async *#read(options: ReadOptions, head: number): AsyncGenerator<EventEnvelope> {
    for await (const piece of this.#pieces(options, head)) yield* piece;
  }

  async *#pieces(options: ReadOptions, head: number): AsyncGenerator<readonly EventEnvelope[]> {
    if (this.#closed) throw closedError();
    const from = Math.max(1, options.from ?? 1);
    const to = Math.min(head, options.to ?? head);
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    let piece: EventEnvelope[] = [];
    for (let i = 0; i <= to - from && left > 0; i += 1) {
      const event = this.#event(options.reverse ? to - i : from + i);
      if (options.stream !== undefined && event.stream !== options.stream) continue;
      if (options.types && !options.types.includes(event.type)) continue;
      piece.push(event);
      left -= 1;
      if (piece.length < pieceSize) continue;
      yield piece;
      if (this.#closed) throw closedError();
      piece = [];
    }
    if (piece.length > 0) yield piece;
  }

  subscribe(options: { readonly from?: number }, listener: Listener): Subscription & { readonly ready: Promise<void> } {
    return this.#subscribers.add(options.from, listener);
  }

  head(): Head {
    return this.#head;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#turn;
  }

  #store(events: readonly NewEvent[], { expectedVersion, idempotencyKey }: AppendOptions): readonly EventEnvelope[] {
    const earlier = idempotencyKey === undefined ? undefined : this.#keys.get(idempotencyKey);
    if (earlier) return Array.from({ length: earlier.to - earlier.from + 1 }, (_, i) => this.#event(earlier.from + i));
    const [first] = events;
    if (!first) return [];
    const actual = this.#versions.get(first.stream) ?? 0;
    if (expectedVersion !== undefined && expectedVersion !== actual) {
      throw versionConflict(first.stream, expectedVersion, actual);
    }
    let { seq, hash } = this.#head;
    const stored = events.map((event) => {
      seq += 1;
      const encoded = encodeEvent(event, seq, hash);
      hash = encoded.event.hash;
      return encoded;
    });
    for (const { line, event } of stored) {
      this.#lines.push(line);
      this.#versions.set(event.stream, event.seq);
    }
    if (idempotencyKey !== undefined) this.#keys.set(idempotencyKey, { from: this.#head.seq + 1, to: seq });
    this.#head = { seq, hash };
    const told = stored.map(({ event }) => event);
    this.#subscribers.tell(told);
    return told;
  }

  #event(seq: number): EventEnvelope {
    return decodeLine(this.#lines[seq - 1] ?? '', seq) as EventEnvelope;
  }
}
