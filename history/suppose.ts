import { isPloinkyError, PloinkyError } from '../core/errors/ploinky-error.ts';
import type { PloinkyEvent } from '../core/events/catalogue.ts';
import type { EventEnvelope } from '../core/events/envelope.ts';
import { upcast } from '../core/events/upcast.ts';
import type { Store } from '../core/kernel/store.ts';
import { isGap } from '../core/log/gap.ts';
import type { Views } from '../projections/views.ts';
import type { Past } from './past.ts';
import { type Supposed, supposedEvent } from './supposed-event.ts';

/** What is to be thought away and thought in, up to an event. */
export interface Supposition {
  readonly at: number;
  readonly drop: ReadonlySet<number>;
  /** Think away also what the dropped events led to, by their causes. */
  readonly consequences: boolean;
  readonly insert: readonly Supposed[];
}

/** An event that the other history has no place for, and why. */
export interface Refused {
  readonly event: EventEnvelope;
  readonly why: string;
}

/** The first of them, and how many there are; there may be as many as events. */
export interface Some<T> {
  readonly count: number;
  readonly events: readonly T[];
}

export interface SupposedPast {
  readonly store: Store<Views>;
  readonly dropped: readonly EventEnvelope[];
  readonly consequences: Some<EventEnvelope>;
  readonly inserted: readonly EventEnvelope[];
  readonly refused: Some<Refused>;
}

const beforeAll = new Date(0).toISOString();

/**
 * The state that the events up to `at` fold to without some of them and with others. What is before the first change is
 * taken as it was; everything after it is asked whether it can still follow, and left out where it cannot.
 * @throws PloinkyError EVENT_NOT_FOUND for one to be thought away that retention deleted
 */
export async function supposedPast(past: Past, supposition: Supposition): Promise<SupposedPast> {
  const { at, drop, consequences, insert } = supposition;
  const inserts = new Inserts(at, insert);
  const first = Math.min(at + 1, ...drop, inserts.first + 1);
  const { store } = await past.stateAt(first - 1);
  const dropped: EventEnvelope[] = [];
  const droppedIds = new Set<string>();
  const followed = new Listed<EventEnvelope>();
  const inserted: EventEnvelope[] = [];
  const refused = new Listed<Refused>();
  const thinkIn = (place: number, time: string) => {
    for (const event of inserts.at(place, time)) {
      const problem = store.suppose(event);
      if (problem) refused.add({ event, why: problem.message });
      else inserted.push(event);
    }
  };
  if (first === 1) thinkIn(0, beforeAll);
  for await (const piece of past.pieces({ from: Math.max(1, first - 1), to: at })) {
    for (const event of piece) {
      if (isGap(event)) {
        if (event.seq >= first) store.supposeGap(event);
      } else if (drop.has(event.seq)) {
        dropped.push(event);
        droppedIds.add(event.id);
      } else if (consequences && event.cause !== null && droppedIds.has(event.cause)) {
        followed.add(event);
        droppedIds.add(event.id);
      } else if (event.seq >= first) {
        const why = whyNot(store, event);
        if (why !== null) refused.add({ event, why });
      }
      thinkIn(event.seq, event.time);
    }
  }
  const gone = [...drop].find((seq) => !dropped.some((event) => event.seq === seq));
  if (gone !== undefined) throw new PloinkyError('EVENT_NOT_FOUND', `Event ${gone} was deleted from the log.`);
  return { store, dropped, consequences: followed, inserted, refused };
}

/** What is thought in, by the event that it comes after. */
class Inserts {
  readonly first: number;
  readonly #byPlace = new Map<number, (readonly [n: number, supposed: Supposed])[]>();
  #next: number;

  constructor(at: number, insert: readonly Supposed[]) {
    insert.forEach((supposed, i) => {
      const place = supposed.after ?? at;
      const there = this.#byPlace.get(place) ?? [];
      there.push([i + 1, supposed]);
      this.#byPlace.set(place, there);
    });
    this.first = Math.min(Number.POSITIVE_INFINITY, ...this.#byPlace.keys());
    this.#next = at;
  }

  at(place: number, time: string): PloinkyEvent[] {
    return (this.#byPlace.get(place) ?? []).map(([n, supposed]) => {
      // Numbers of the log stay as they are; what is thought in at its end goes on counting.
      if (supposed.after === undefined) this.#next += 1;
      return supposedEvent(supposed, supposed.after ?? this.#next, time, n);
    });
  }
}

class Listed<T> implements Some<T> {
  static readonly most = 100;
  count = 0;
  readonly events: T[] = [];

  add(one: T): void {
    this.count += 1;
    if (this.events.length < Listed.most) this.events.push(one);
  }
}

function whyNot(store: Store<Views>, stored: EventEnvelope): string | null {
  try {
    const event = upcast(stored);
    return event === null ? null : (store.suppose(event)?.message ?? null);
  } catch (error) {
    if (isPloinkyError(error, 'EVENT_UNKNOWN')) return error.message;
    throw error;
  }
}
