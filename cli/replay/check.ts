import { steps } from '../../core/clock/steps.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import { Store } from '../../core/kernel/store.ts';
import { type Comparison, compareReducers } from '../../history/compare-reducers.ts';
import { differingEntities, type EntityChange } from '../../history/compare-states.ts';
import { type Dump, dump, dumpText } from '../../history/dump.ts';
import { projections } from '../../projections/registry.ts';
import type { Views } from '../../projections/views.ts';
import { showSteps } from '../archive/show-steps.ts';
import type { Session } from '../session.ts';
import { type EventSource, withSource } from './event-source.ts';
import { loadReducers } from './load-reducers.ts';

const words = (stage: string) => ({ name: stage, unit: 'event' });
type Tell = (stage: string, done: number, of: number | null) => void;

/** The fold of the whole log against the state that is held. */
export interface HeldCheck {
  readonly events: number;
  readonly identical: boolean;
  /** The first event after which the two differ; null when they do not, and when only what is held now is off. */
  readonly first: EventEnvelope | null;
  /** What differs, at that event or at the head. */
  readonly differences: readonly EntityChange[];
  /** Projections that could not take an event, and why. */
  readonly stopped: readonly string[];
}

/** Folds every event with this version's reducers, one by one as a running server does. */
export function checkHeld(session: Session, dir: string | undefined): Promise<HeldCheck> {
  return withSource(session, dir, async (source) => {
    const work = steps(session.surroundings.now, (tell) => compareWithHeld(source, tell));
    return showSteps(session, work, words);
  });
}

/** Folds every event with this version's reducers and with another's, side by side. @throws REDUCERS_INVALID */
export async function checkReducers(session: Session, dir: string | undefined, folder: string): Promise<Comparison> {
  const theirs = await loadReducers(session.surroundings.cwd, folder);
  return withSource(session, dir, async (source) => {
    const head = await source.find('head');
    const work = steps(session.surroundings.now, (tell) => {
      return compareReducers(source.read(1, head), projections, theirs, (n) => tell('Fold twice', n, head));
    });
    return showSteps(session, work, words);
  });
}

async function compareWithHeld(source: EventSource, tell: Tell): Promise<HeldCheck> {
  tell('What is held', 0, null);
  const held = await source.held();
  tell('What is held', held.seq, held.seq);
  const store = await foldTo(source, held.seq, (done) => tell('Fold', done, held.seq));
  const stopped = [...store.stopped.values()].map(({ message }) => message);
  if (sameState(store, held.state)) {
    return { events: held.seq, identical: true, first: null, differences: [], stopped };
  }
  const seq = await firstDifference(source, held.seq, tell);
  const result = { events: held.seq, identical: false, stopped };
  if (seq === null) {
    return { ...result, first: null, differences: differingEntities(dump(store.views), held.state as Dump) };
  }
  const ours = await foldTo(source, seq, () => {});
  const theirs = (await source.stateAt(seq)).state as Dump;
  const [first = null] = await eventsOf(source, seq);
  return { ...result, first, differences: differingEntities(dump(ours.views), theirs) };
}

/** By halves, asking the other side what it says of the past. Null when all of that agrees. */
async function firstDifference(source: EventSource, head: number, tell: Tell): Promise<number | null> {
  const differs = async (seq: number) => {
    const ours = await foldTo(source, seq, (done) => tell('Search', done, seq));
    return !sameState(ours, (await source.stateAt(seq)).state);
  };
  if (!(await differs(head))) return null;
  let [alike, different] = [0, head];
  while (different - alike > 1) {
    const middle = Math.floor((alike + different) / 2);
    if (await differs(middle)) different = middle;
    else alike = middle;
  }
  return different;
}

async function foldTo(source: EventSource, seq: number, tell: (done: number) => void): Promise<Store<Views>> {
  const store = new Store<Views>(projections);
  tell(0);
  for await (const event of source.read(1, seq)) {
    store.apply([event]);
    if (event.seq % 500 === 0 || event.seq === seq) tell(event.seq);
  }
  return store;
}

function sameState(store: Store<Views>, other: unknown): boolean {
  return dumpText(dump(store.views)) === dumpText(other);
}

async function eventsOf(source: EventSource, seq: number): Promise<EventEnvelope[]> {
  const events: EventEnvelope[] = [];
  for await (const event of source.read(seq, seq)) events.push(event);
  return events;
}
