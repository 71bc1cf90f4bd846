import { steps } from '../../core/clock/steps.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import { Store } from '../../core/kernel/store.ts';
import { type Comparison, compareReducers } from '../../history/compare-reducers.ts';
import { differingEntities, type EntityChange } from '../../history/compare-states.ts';
import { type Dump, dump, dumpText } from '../../history/dump.ts';
import { readersOfTasks } from '../../history/watched-fold.ts';
import { projections } from '../../projections/registry.ts';
import type { Views } from '../../projections/views.ts';
import { showSteps } from '../archive/show-steps.ts';
import type { Session } from '../session.ts';
import { type EventSource, withSource } from './event-source.ts';
import { loadReducers } from './load-reducers.ts';

const words = (stage: string) => ({ name: stage, unit: 'event' });
type Tell = (stage: string, done: number, of: number | null) => void;

/** The fold of the whole log against the state that is held, and against every state that was kept on the way. */
export interface HeldCheck {
  readonly events: number;
  readonly identical: boolean;
  /** The first event after which the two differ; null when they do not, and when only what is held now is off. */
  readonly first: EventEnvelope | null;
  /** Seq of the snapshot that showed it; null when it was the state itself. */
  readonly snapshot: number | null;
  /** What differs, at that event or at the head. */
  readonly differences: readonly EntityChange[];
  /** Snapshots that were compared. */
  readonly snapshots: number;
  /** Deleted events without which these projections cannot be folded; they were not compared. */
  readonly deleted: { readonly from: number; readonly to: number; readonly projections: readonly string[] } | null;
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
  const snapshots = (await source.snapshots()).filter((seq) => seq <= held.seq);
  const store = new Store<Views>(projections);
  let compared = 0;
  let wrong: { readonly event: EventEnvelope; readonly differences: readonly EntityChange[] } | undefined;
  tell('Fold', 0, held.seq);
  for await (const event of source.read(1, held.seq)) {
    store.apply([event]);
    if (event.seq % 500 === 0 || event.seq === held.seq) tell('Fold', event.seq, held.seq);
    if (wrong || snapshots[0] === undefined || event.seq < snapshots[0]) continue;
    const seq = snapshots.shift() as number;
    const kept = seq === event.seq ? await source.snapshot(seq) : null;
    // One of another log is not this log's matter: a start passes it over, too.
    if (!kept || kept.hash !== event.hash) continue;
    compared += 1;
    const differences = differingFrom(store, kept.state);
    if (differences.length > 0) wrong = { event, differences };
  }
  const untold = unfoldable(store);
  const stopped = [...store.stopped.values()].filter(({ details }) => !untold.includes(stoppedName(details)));
  const result = {
    events: held.seq,
    snapshots: compared,
    deleted: store.missing && { ...store.missing, projections: untold },
    stopped: stopped.map(({ message }) => message),
  };
  if (wrong) {
    const { event, differences } = wrong;
    return { ...result, identical: false, first: event, snapshot: event.seq, differences };
  }
  const different = { ...result, identical: false, snapshot: null };
  if (sameState(store, held.state)) return { ...different, identical: true, first: null, differences: [] };
  const seq = await firstDifference(source, held.seq, tell);
  if (seq === null) return { ...different, first: null, differences: differingFrom(store, held.state) };
  const ours = await foldTo(source, seq, () => {});
  const [first = null] = await eventsOf(source, seq);
  return { ...different, first, differences: differingFrom(ours, (await source.stateAt(seq)).state) };
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
  const without = unfoldable(store);
  return textOf(dump(store.views), without) === textOf(other as Dump, without);
}

function differingFrom(store: Store<Views>, other: unknown): EntityChange[] {
  const without = unfoldable(store);
  return differingEntities(dump(store.views), other as Dump).filter(({ projection }) => !without.includes(projection));
}

/** What cannot be folded anew, since events that it reads were deleted. */
function unfoldable(store: Store<Views>): readonly string[] {
  return store.missing ? readersOfTasks(projections) : [];
}

function textOf(state: Dump, without: readonly string[]): string {
  if (without.length === 0) return dumpText(state);
  return dumpText(Object.fromEntries(Object.entries(state).filter(([name]) => !without.includes(name))));
}

function stoppedName(details: unknown): string {
  return String((details as { projection?: unknown } | null)?.projection);
}

async function eventsOf(source: EventSource, seq: number): Promise<EventEnvelope[]> {
  const events: EventEnvelope[] = [];
  for await (const event of source.read(seq, seq)) events.push(event);
  return events;
}
