import { PloinkyError } from '../errors/ploinky-error.ts';
import type { EventEnvelope, NewEvent } from '../events/envelope.ts';
import { groupKey, idempotencyKeyOf } from './keys.ts';
import type { AppendOptions, Head } from './log-port.ts';
import { readEvents, type Stored } from './read-events.ts';
import { encodeEvent } from './record.ts';

/** An append that waits for its group. */
export interface Pending {
  readonly events: readonly NewEvent[];
  readonly options: AppendOptions;
  readonly resolve: (events: readonly EventEnvelope[]) => void;
  readonly reject: (error: unknown) => void;
}

/** What is written with one fsync. */
export interface Group {
  /** Puts for LevelDB; empty when every append of the group was a repetition. */
  readonly entries: readonly [key: string, value: string][];
  readonly events: readonly EventEnvelope[];
  readonly head: Head;
  readonly appends: readonly { readonly pending: Pending; readonly events: readonly EventEnvelope[] }[];
}

const most = { events: 1_024, bytes: 4 * 1024 * 1024 };

/**
 * Takes waiting appends from the queue, in order, and gives their events place and hash. Appends whose expected
 * version does not hold are rejected here; repetitions get the events of the first time.
 */
export async function formGroup(stored: Stored, head: Head, queue: Pending[]): Promise<Group> {
  const forming = new Forming(stored, head);
  let pending = queue[0];
  while (pending && !forming.full) {
    queue.shift();
    try {
      // Awaited only where the database has to be asked: most appends ask for nothing.
      const asked = forming.question(pending);
      const answer = asked ? await asked : null;
      forming.take(pending, answer);
    } catch (error) {
      pending.reject(error);
    }
    pending = queue[0];
  }
  return forming.group();
}

class Forming {
  readonly #stored: Stored;
  readonly #head: Head;
  #seq: number;
  #hash: string;
  #bytes = 0;
  readonly #lines: string[] = [];
  readonly #events: EventEnvelope[] = [];
  readonly #entries: [string, string][] = [];
  readonly #appends: { pending: Pending; events: readonly EventEnvelope[] }[] = [];
  readonly #keys = new Map<string, readonly EventEnvelope[]>();

  constructor(stored: Stored, head: Head) {
    this.#stored = stored;
    this.#head = head;
    this.#seq = head.seq;
    this.#hash = head.hash;
  }

  get full(): boolean {
    return this.#events.length >= most.events || this.#bytes >= most.bytes;
  }

  /** Events of an earlier append with the same key, or null; undefined when nothing has to be asked. */
  question({ events, options }: Pending): Promise<readonly EventEnvelope[] | null> | undefined {
    const { expectedVersion, idempotencyKey } = options;
    if (expectedVersion === undefined && idempotencyKey === undefined) return undefined;
    return this.#ask(events[0]?.stream ?? '', expectedVersion, idempotencyKey);
  }

  take(pending: Pending, repeated: readonly EventEnvelope[] | null): void {
    if (repeated) {
      this.#appends.push({ pending, events: repeated });
      return;
    }
    const before = this.#lines.length;
    let { seq, hash } = { seq: this.#seq, hash: this.#hash };
    const events: EventEnvelope[] = [];
    try {
      for (const event of pending.events) {
        seq += 1;
        const stored = encodeEvent(event, seq, hash);
        hash = stored.event.hash;
        this.#lines.push(stored.line);
        events.push(stored.event);
      }
    } catch (error) {
      // An event that cannot be encoded takes its whole append back.
      this.#lines.length = before;
      throw error;
    }
    for (const event of events) this.#events.push(event);
    for (let i = before; i < this.#lines.length; i += 1) this.#bytes += (this.#lines[i] as string).length;
    const { idempotencyKey } = pending.options;
    if (idempotencyKey !== undefined) {
      this.#entries.push([idempotencyKeyOf(idempotencyKey), `${this.#seq + 1} ${seq}`]);
      this.#keys.set(idempotencyKey, events);
    }
    this.#seq = seq;
    this.#hash = hash;
    this.#appends.push({ pending, events });
  }

  group(): Group {
    if (this.#lines.length > 0) {
      this.#entries.push([groupKey(this.#head.seq + 1), this.#lines.join('\n')]);
      this.#entries.push(...this.#stored.index.wholeSegments(this.#head.seq, this.#events));
    }
    const head = { seq: this.#seq, hash: this.#hash };
    return { entries: this.#entries, events: this.#events, head, appends: this.#appends };
  }

  async #ask(
    stream: string,
    expected: number | undefined,
    key: string | undefined,
  ): Promise<readonly EventEnvelope[] | null> {
    if (key !== undefined) {
      const earlier = this.#keys.get(key) ?? (await this.#storedUnder(key));
      if (earlier) return earlier;
    }
    if (expected === undefined) return null;
    const formed = this.#events.findLast((event) => event.stream === stream);
    const actual = formed?.seq ?? (await this.#storedVersion(stream));
    if (actual === expected) return null;
    throw new PloinkyError(
      'VERSION_CONFLICT',
      `The stream ${stream} was expected to end at event ${expected}, but it ends at event ${actual}.`,
      { details: { stream, expected, actual } },
    );
  }

  async #storedUnder(key: string): Promise<readonly EventEnvelope[] | null> {
    const range = await this.#stored.db.get(idempotencyKeyOf(key));
    if (range === undefined) return null;
    const [from = 0, to = 0] = range.split(' ').map(Number);
    const events: EventEnvelope[] = [];
    for await (const event of readEvents(this.#stored, this.#head.seq, { from, to })) events.push(event);
    return events;
  }

  async #storedVersion(stream: string): Promise<number> {
    const last = readEvents(this.#stored, this.#head.seq, { stream, reverse: true, limit: 1 });
    for await (const { seq } of last) return seq;
    return 0;
  }
}
