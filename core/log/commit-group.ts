import { PloinkyError } from '../errors/ploinky-error.ts';
import type { EventEnvelope, NewEvent } from '../events/envelope.ts';
import { damage } from './damage.ts';
import { readFailure } from './failures.ts';
import { isGap } from './gap.ts';
import { idempotencyKeyOf, keyListKey } from './keys.ts';
import type { AppendOptions, Head } from './log-port.ts';
import { readPieces, type Stored } from './read-events.ts';
import { encodeEvent } from './record.ts';
import { seal, unseal } from './sealed.ts';
import { groupEntry } from './stored-groups.ts';

/** An append that waits for its group. */
export interface Pending {
  readonly events: readonly NewEvent[];
  readonly options: AppendOptions;
  readonly resolve: (events: readonly EventEnvelope[]) => void;
  readonly reject: (error: unknown) => void;
}

/** What is written with one fsync. */
export interface Group {
  /** Puts for LevelDB; empty when no append of the group adds anything. */
  readonly entries: readonly [key: string, value: string][];
  readonly events: readonly EventEnvelope[];
  readonly head: Head;
  readonly appends: readonly Pending[];
  /** Tells every append its outcome, once the entries are durable. */
  settle(): void;
}

interface Refusal {
  readonly refusal: unknown;
}
type Outcome = readonly EventEnvelope[] | Refusal;

function isRefusal(outcome: Outcome): outcome is Refusal {
  return !Array.isArray(outcome);
}

const most = { events: 1_024, bytes: 4 * 1024 * 1024 };

/**
 * Takes waiting appends from the queue, in order, and gives their events place and hash. Repetitions get the events
 * of the first time. A refusal is told with the group too: it may rest on events that are not durable yet.
 */
export async function formGroup(stored: Stored, head: Head, queue: Pending[]): Promise<Group> {
  const forming = new Forming(stored, head);
  let pending = queue[0];
  while (pending && !forming.full) {
    queue.shift();
    const asked = forming.admit(pending);
    if (asked) await asked;
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
  readonly #appends: Pending[] = [];
  readonly #outcomes: Outcome[] = [];
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

  /** A promise only where the database has to be asked: most appends ask for nothing. */
  admit(pending: Pending): Promise<void> | undefined {
    const { expectedVersion, idempotencyKey } = pending.options;
    if (expectedVersion !== undefined || idempotencyKey !== undefined) return this.#ask(pending);
    this.#take(pending);
    return undefined;
  }

  group(): Group {
    if (this.#lines.length > 0) {
      this.#entries.push(groupEntry(this.#head.seq + 1, this.#lines));
      if (this.#keys.size > 0) this.#entries.push(keyListEntry(this.#head.seq + 1, [...this.#keys.keys()]));
      this.#entries.push(...this.#stored.index.wholePages(this.#head.seq, this.#events));
    }
    const appends = this.#appends;
    const outcomes = this.#outcomes;
    return {
      entries: this.#entries,
      events: this.#events,
      head: { seq: this.#seq, hash: this.#hash },
      appends,
      settle() {
        for (let i = 0; i < appends.length; i += 1) {
          const { resolve, reject } = appends[i] as Pending;
          const outcome = outcomes[i] as Outcome;
          if (isRefusal(outcome)) reject(outcome.refusal);
          else resolve(outcome);
        }
      },
    };
  }

  async #ask(pending: Pending): Promise<void> {
    try {
      const earlier = await this.#earlier(pending.options.idempotencyKey);
      if (earlier) return this.#answer(pending, earlier);
      await this.#requireVersion(pending);
    } catch (refusal) {
      return this.#answer(pending, { refusal: readFailure(refusal, `The log in ${this.#stored.db.location}`) });
    }
    this.#take(pending);
  }

  #take(pending: Pending): void {
    const before = this.#lines.length;
    let seq = this.#seq;
    let hash = this.#hash;
    let bytes = this.#bytes;
    const events: EventEnvelope[] = [];
    try {
      for (const event of pending.events) {
        seq += 1;
        const stored = encodeEvent(event, seq, hash);
        hash = stored.event.hash;
        bytes += stored.line.length;
        this.#lines.push(stored.line);
        this.#events.push(stored.event);
        events.push(stored.event);
      }
    } catch (refusal) {
      // An event that cannot be encoded takes its whole append back.
      this.#lines.length = before;
      this.#events.length = before;
      this.#answer(pending, { refusal });
      return;
    }
    this.#bytes = bytes;
    const { idempotencyKey } = pending.options;
    if (idempotencyKey !== undefined) {
      const key = idempotencyKeyOf(idempotencyKey);
      this.#entries.push([key, seal(key, `${this.#seq + 1} ${seq}`)]);
      this.#keys.set(idempotencyKey, events);
    }
    this.#seq = seq;
    this.#hash = hash;
    this.#answer(pending, events);
  }

  #answer(pending: Pending, outcome: Outcome): void {
    this.#appends.push(pending);
    this.#outcomes.push(outcome);
  }

  async #earlier(idempotencyKey: string | undefined): Promise<readonly EventEnvelope[] | null> {
    if (idempotencyKey === undefined) return null;
    const forming = this.#keys.get(idempotencyKey);
    if (forming) return forming;
    const { db } = this.#stored;
    const key = idempotencyKeyOf(idempotencyKey);
    // In this thread: a filter in memory answers for nearly every key that is new.
    const value = db.getSync(key);
    if (value === undefined) return null;
    const content = unseal(key, value);
    if (content === null) throw damage.unreadable(db.location, key);
    const [from = 0, to = 0] = content.split(' ').map(Number);
    const events = await this.#read({ from, to });
    const deleted = events.find(isGap);
    if (!deleted) return events;
    const message = `The request with this Idempotency-Key was answered before; its events ${from} to ${to} were deleted.`;
    throw new PloinkyError('EVENTS_DELETED', message, { details: { ...deleted.data } });
  }

  async #requireVersion({ events, options }: Pending): Promise<void> {
    const expected = options.expectedVersion;
    if (expected === undefined) return;
    const stream = events[0]?.stream ?? '';
    const formed = this.#events.findLast((event) => event.stream === stream);
    const last = formed ?? (await this.#read({ stream, reverse: true, limit: 1 }))[0];
    const actual = last?.seq ?? 0;
    if (actual !== expected) throw versionConflict(stream, expected, actual);
  }

  async #read(options: Parameters<typeof readPieces>[2]): Promise<readonly EventEnvelope[]> {
    const events: EventEnvelope[] = [];
    for await (const piece of readPieces(this.#stored, this.#head.seq, options)) events.push(...piece);
    return events;
  }
}

/** Which keys there must be, so that one which the database hides is missed by a check. */
function keyListEntry(first: number, keys: readonly string[]): [key: string, value: string] {
  const key = keyListKey(first);
  return [key, seal(key, JSON.stringify(keys))];
}

export function versionConflict(stream: string, expected: number, actual: number): PloinkyError {
  return new PloinkyError(
    'VERSION_CONFLICT',
    `The stream ${stream} was expected to end at event ${expected}, but it ends at event ${actual}.`,
    { details: { stream, expected, actual } },
  );
}
