import { PloinkyError } from '../errors/ploinky-error.ts';
import type { EventEnvelope, NewEvent } from '../events/envelope.ts';
import type { AppendOptions, EventLog, Head, ReadOptions, Subscription } from './log-port.ts';
import { decodeLine, encodeEvent, genesisHash } from './record.ts';
import { type Listener, Subscribers } from './subscribers.ts';

/** A log that ends with its process: for tests, and for looking at what would be. Same contract, no disk. */
export function createMemoryLog(onTrouble: (error: unknown) => void = () => {}): EventLog {
  return new MemoryLog(onTrouble);
}

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
    const history = { headSeq: () => this.#head.seq, read: (from: number) => this.read({ from }) };
    this.#subscribers = new Subscribers(history, onTrouble);
  }

  append(events: readonly NewEvent[], options: AppendOptions = {}): Promise<readonly EventEnvelope[]> {
    if (this.#closed) return Promise.reject(new PloinkyError('LOG_CLOSED', 'The event log is closed.'));
    // A turn later, as on disk: no caller may count on an append being done when it returns.
    const result = this.#turn.then(() => this.#store(events, options));
    this.#turn = result.catch(() => {});
    return result;
  }

  async *read(options: ReadOptions = {}): AsyncGenerator<EventEnvelope> {
    if (this.#closed) throw new PloinkyError('LOG_CLOSED', 'The event log is closed.');
    const from = Math.max(1, options.from ?? 1);
    const to = Math.min(this.#head.seq, options.to ?? this.#head.seq);
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    for (let i = 0; i <= to - from && left > 0; i += 1) {
      const event = this.#event(options.reverse ? to - i : from + i);
      if (options.stream !== undefined && event.stream !== options.stream) continue;
      if (options.types && !options.types.includes(event.type)) continue;
      yield event;
      left -= 1;
    }
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
      throw new PloinkyError(
        'VERSION_CONFLICT',
        `The stream ${first.stream} was expected to end at event ${expectedVersion}, but it ends at event ${actual}.`,
        { details: { stream: first.stream, expected: expectedVersion, actual } },
      );
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
    return decodeLine(this.#lines[seq - 1] ?? '', `event ${seq}`);
  }
}
