import { isPloinkyError, PloinkyError } from '../core/errors/ploinky-error.ts';
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
  readonly insert: readonly Supposed[];
}

/** An event that the other history has no place for, and why. */
export interface Refused {
  readonly event: EventEnvelope;
  readonly why: string;
}

export interface SupposedPast {
  readonly store: Store<Views>;
  readonly dropped: readonly EventEnvelope[];
  readonly inserted: readonly EventEnvelope[];
  /** The first of them; there may be as many as events. */
  readonly refused: readonly Refused[];
  readonly refusedCount: number;
}

const mostRefused = 100;
const beforeAll = new Date(0).toISOString();

/**
 * The state that the events up to `at` fold to without some of them and with others. What is before the first change is
 * taken as it was; everything after it is asked whether it can still follow, and left out where it cannot.
 * @throws PloinkyError EVENT_NOT_FOUND for one to be thought away that retention deleted
 */
export async function supposedPast(past: Past, { at, drop, insert }: Supposition): Promise<SupposedPast> {
  const places = insert.map(({ after }) => after ?? at);
  const first = Math.min(at + 1, ...drop, ...places.map((place) => place + 1));
  const { store } = await past.stateAt(first - 1);
  const dropped: EventEnvelope[] = [];
  const inserted: EventEnvelope[] = [];
  const refused: Refused[] = [];
  let refusedCount = 0;
  const refuse = (event: EventEnvelope, why: string) => {
    refusedCount += 1;
    if (refused.length < mostRefused) refused.push({ event, why });
  };
  let next = at;
  const thinkIn = (place: number, time: string) => {
    insert.forEach((supposed, i) => {
      if (places[i] !== place) return;
      // Numbers of the log stay as they are; what is thought in at its end goes on counting.
      if (supposed.after === undefined) next += 1;
      const event = supposedEvent(supposed, supposed.after ?? next, time, i + 1);
      const problem = store.suppose(event);
      if (problem) refuse(event, problem.message);
      else inserted.push(event);
    });
  };
  if (first === 1) thinkIn(0, beforeAll);
  for await (const piece of past.pieces({ from: Math.max(1, first - 1), to: at })) {
    for (const event of piece) {
      if (isGap(event)) {
        if (event.seq >= first) store.supposeGap(event);
      } else if (drop.has(event.seq)) dropped.push(event);
      else if (event.seq >= first) {
        const why = whyNot(store, event);
        if (why !== null) refuse(event, why);
      }
      thinkIn(event.seq, event.time);
    }
  }
  const gone = [...drop].find((seq) => !dropped.some((event) => event.seq === seq));
  if (gone !== undefined) throw new PloinkyError('EVENT_NOT_FOUND', `Event ${gone} was deleted from the log.`);
  return { store, dropped, inserted, refused, refusedCount };
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
