import type { PloinkyError } from '../core/errors/ploinky-error.ts';
import type { EventEnvelope } from '../core/events/envelope.ts';
import { sameJson } from '../core/json/same-json.ts';
import { isGap } from '../core/log/gap.ts';
import { shownEntity } from './dump.ts';
import { changesBetween, type JsonChange } from './json-changes.ts';
import { type Folded, type Projections, readersOfTasks, WatchedFold } from './watched-fold.ts';

/** The first event that two versions of the reducers make something different of. */
export interface Divergence {
  readonly event: EventEnvelope;
  readonly projection: string;
  /** Null where the projection as a whole stopped on one side only. */
  readonly key: string | null;
  /** The entity on either side, null where there is none; or why the projection stopped there. */
  readonly ours: object | null;
  readonly theirs: object | null;
  readonly changes: readonly JsonChange[];
}

export interface Comparison {
  /** Events folded on both sides. */
  readonly events: number;
  readonly first: Divergence | null;
  /** Projections that one side alone has; they are not compared. */
  readonly onlyOurs: readonly string[];
  readonly onlyTheirs: readonly string[];
  /** Deleted events whose sum no keyframe tells to both sides: what reads task events is not compared from there on. */
  readonly deleted: { readonly from: number; readonly to: number } | null;
  /** Projections that stopped on both sides, at the same event. */
  readonly stopped: ReadonlyMap<string, PloinkyError>;
}

/**
 * Folds events with two versions of the reducers, side by side, and compares every entity that an event concerns on
 * either side, so that the first difference is found at the event that made it. Holds the state twice and nothing else.
 * @param tell told how many events are folded, for progress
 */
export async function compareReducers(
  events: AsyncIterable<EventEnvelope>,
  ours: Projections,
  theirs: Projections,
  tell: (folded: number) => void,
): Promise<Comparison> {
  const left = new WatchedFold(ours);
  const right = new WatchedFold(theirs);
  const shared = Object.keys(ours).filter((name) => Object.hasOwn(theirs, name));
  const unfoldable = new Set([...readersOfTasks(ours), ...readersOfTasks(theirs)]);
  let compared = shared;
  let folded = 0;
  let first: Divergence | null = null;
  for await (const event of events) {
    const [a, b] = [left.fold(event), right.fold(event)];
    folded += 1;
    if (isGap(event)) {
      const missing = left.store.missing ?? right.store.missing;
      compared = missing ? shared.filter((name) => !unfoldable.has(name)) : shared;
    }
    first = stoppedOnOneSide(compared, ours, theirs, event, a, b) ?? entityDiffers(compared, event, left, right, a, b);
    if (first) break;
    if (folded % 500 === 0) tell(folded);
  }
  tell(folded);
  return {
    events: folded,
    first,
    onlyOurs: Object.keys(ours).filter((name) => !Object.hasOwn(theirs, name)),
    onlyTheirs: Object.keys(theirs).filter((name) => !Object.hasOwn(ours, name)),
    deleted: left.store.missing ?? right.store.missing,
    stopped: left.store.stopped,
  };
}

function stoppedOnOneSide(
  shared: readonly string[],
  ours: Projections,
  theirs: Projections,
  event: EventEnvelope,
  a: Folded,
  b: Folded,
): Divergence | null {
  if (a.stopped.size === 0 && b.stopped.size === 0) return null;
  for (const projection of shared) {
    // Stops are known by the name that the projection gives itself.
    const left = a.stopped.get(ours[projection]?.name ?? '');
    const right = b.stopped.get(theirs[projection]?.name ?? '');
    if ((left === undefined) === (right === undefined)) continue;
    const sides = { ours: stop(left), theirs: stop(right) };
    return { event, projection, key: null, ...sides, changes: changesBetween(sides.ours, sides.theirs) };
  }
  return null;
}

function stop(problem: PloinkyError | undefined): object {
  return { stopped: problem?.message ?? null };
}

function entityDiffers(
  shared: readonly string[],
  event: EventEnvelope,
  left: WatchedFold,
  right: WatchedFold,
  a: Folded,
  b: Folded,
): Divergence | null {
  for (const { projection, key } of [...a.touched, ...b.touched]) {
    if (!shared.includes(projection)) continue;
    const ours = left.store.views[projection]?.get(key);
    const theirs = right.store.views[projection]?.get(key);
    if (sameJson(ours, theirs)) continue;
    const [mine, other] = [shownEntity(projection, ours), shownEntity(projection, theirs)];
    return { event, projection, key, ours: mine ?? null, theirs: other ?? null, changes: changesBetween(mine, other) };
  }
  return null;
}
