import type { EventEnvelope } from '../core/events/envelope.ts';
import { differingEntities, type EntityChange } from './compare-states.ts';
import { concernedBy } from './concerned.ts';
import { type Dump, dump } from './dump.ts';
import { eventsById } from './events-by-id.ts';
import { type JsonPatch, patchBetween } from './json-patch.ts';
import type { Past } from './past.ts';

/** One end of a comparison. */
export interface DiffEnd {
  readonly seq: number;
  readonly hash: string;
  /** Of that event; null before the first. */
  readonly time: string | null;
  /** Task events that were deleted and that the state therefore lacks; null = it lacks nothing. */
  readonly missing: { readonly from: number; readonly to: number } | null;
}

/** What changed of one deployment, or of one kind of other things. */
export interface DiffGroup {
  /** A deployment's id, or null for `kind`. */
  readonly deployment: string | null;
  readonly kind: string;
  readonly entities: readonly EntityChange[];
  /** What did it, oldest first; without calls, which are only counted, and at most the newest `mostEvents`. */
  readonly events: readonly EventEnvelope[];
  /** Events that are left out of `events` because there are too many. */
  readonly omitted: number;
  /** Events of tasks that had a part in it. */
  readonly taskEvents: number;
}

export interface Diff {
  readonly from: DiffEnd;
  readonly to: DiffEnd;
  readonly groups: readonly DiffGroup[];
  /** Numbers of the events that led to those of the groups, by id. */
  readonly causes: Readonly<Record<string, number>>;
  /** RFC 6902: applied to the state of `from` it gives the state of `to`; of one deployment only where one was named. */
  readonly patch: JsonPatch;
}

const mostEvents = 500;

/** In this order behind the deployments. */
const kinds = ['domains', 'repositories', 'keys', 'settings', 'secrets', 'engines', 'sessions'];

/** What is different between the states after two events, whichever is the earlier, and the events that did it. */
export async function diffBetween(past: Past, a: number, b: number, deployment?: string): Promise<Diff> {
  const [before, after] = [await stateOf(past, a), await stateOf(past, b)];
  const changes = differingEntities(before.state, after.state);
  const groups = new Map<string, Gathering>();
  const groupOf = new Map<string, Gathering>();
  for (const change of changes) {
    const { projection, key } = change;
    const own = deploymentOf(before.state, projection, key) ?? deploymentOf(after.state, projection, key);
    if (deployment !== undefined && own !== deployment) continue;
    const kind = own === undefined ? kindOf(projection) : 'deployment';
    const id = `${kind} ${own ?? ''}`;
    const group = groups.get(id) ?? new Gathering(own ?? null, kind);
    groups.set(id, group);
    group.entities.push(change);
    groupOf.set(`${projection} ${key}`, group);
  }
  await gatherEvents(past, Math.min(a, b) + 1, Math.max(a, b), groupOf);
  const target = deployment === undefined ? after.state : withEntities(before.state, after.state, groups.values());
  const done = [...groups.values()].map((group) => group.done()).sort(inOrder);
  return {
    from: before.end,
    to: after.end,
    groups: done,
    causes: Object.fromEntries(await causesOf(past, done, Math.min(a, b))),
    patch: patchBetween(before.state, target),
  };
}

/** A cause may lie a little before the earlier moment. */
const reachBack = 5_000;

async function causesOf(past: Past, groups: readonly DiffGroup[], earlier: number): Promise<Map<string, number>> {
  const events = groups.flatMap((group) => group.events);
  const causes = events.flatMap(({ cause }) => (cause === null ? [] : [cause]));
  const last = events.reduce((most, { seq }) => Math.max(most, seq), 0);
  const found = await eventsById(past, causes, { from: Math.max(1, earlier - reachBack), to: last });
  return new Map([...found].map(([id, { seq }]) => [id, seq]));
}

/** A group that is still being filled. */
class Gathering {
  readonly deployment: string | null;
  readonly kind: string;
  readonly entities: EntityChange[] = [];
  readonly #events: EventEnvelope[] = [];
  #omitted = 0;
  #taskEvents = 0;
  #last = 0;

  constructor(deployment: string | null, kind: string) {
    this.deployment = deployment;
    this.kind = kind;
  }

  add(event: EventEnvelope): void {
    // One event may concern several entities of the group.
    if (event.seq === this.#last) return;
    this.#last = event.seq;
    if (event.type.startsWith('task.')) {
      this.#taskEvents += 1;
      return;
    }
    this.#events.push(event);
    if (this.#events.length < 2 * mostEvents) return;
    this.#omitted += mostEvents;
    this.#events.splice(0, mostEvents);
  }

  done(): DiffGroup {
    const { deployment, kind, entities } = this;
    const surplus = Math.max(0, this.#events.length - mostEvents);
    const events = this.#events.slice(surplus);
    return { deployment, kind, entities, events, omitted: this.#omitted + surplus, taskEvents: this.#taskEvents };
  }
}

async function gatherEvents(
  past: Past,
  from: number,
  to: number,
  groupOf: ReadonlyMap<string, Gathering>,
): Promise<void> {
  if (groupOf.size === 0 || from > to) return;
  for await (const piece of past.pieces({ from, to })) {
    for (const event of piece) {
      for (const { projection, key } of concernedBy(event)) groupOf.get(`${projection} ${key}`)?.add(event);
    }
  }
}

async function stateOf(past: Past, seq: number): Promise<{ state: Dump; end: DiffEnd }> {
  const { hash, store } = await past.stateAt(seq);
  let time: string | null = null;
  for await (const event of past.log.read({ from: seq, to: seq, limit: 1 })) time = event.time;
  return { state: dump(store.views), end: { seq, hash, time, missing: store.missing } };
}

/** Whose an entity is; undefined for what belongs to no deployment. */
function deploymentOf(state: Dump, projection: string, key: string): string | undefined {
  const entity = state[projection]?.[key];
  if (projection === 'deployments') return entity === undefined ? undefined : key;
  const owner = (entity as { deployment?: unknown } | undefined)?.deployment;
  return typeof owner === 'string' ? owner : undefined;
}

function kindOf(projection: string): string {
  return projection === 'cloud' ? 'settings' : projection;
}

function inOrder(a: DiffGroup, b: DiffGroup): number {
  const rank = ({ kind, deployment }: DiffGroup) => (deployment === null ? 1 + kinds.indexOf(kind) : 0);
  return rank(a) - rank(b) || ((a.deployment ?? '') < (b.deployment ?? '') ? -1 : 1);
}

/** The first state with what the second one has of some entities. */
function withEntities(before: Dump, after: Dump, groups: Iterable<Gathering>): Dump {
  const state: Record<string, Record<string, unknown>> = {};
  for (const [name, entities] of Object.entries(before)) state[name] = Object.assign(Object.create(null), entities);
  for (const { entities } of groups) {
    for (const { projection, key } of entities) {
      const own = state[projection] ?? {};
      const value = after[projection]?.[key];
      if (value === undefined) delete own[key];
      else own[key] = value;
    }
  }
  return state;
}
