import { isDraftable, produce } from 'immer';
import { isPloinkyError, PloinkyError } from '../errors/ploinky-error.ts';
import type { PloinkyEvent } from '../events/catalogue.ts';
import type { EventEnvelope } from '../events/envelope.ts';
import { upcast } from '../events/upcast.ts';
import { firstSeqOf, type GapData, type gapType, isGap, type Keyframe, keyframeOf } from '../log/gap.ts';
import { genesisHash } from '../log/record.ts';
import type { AnyProjection } from './projection.ts';
import { type Taker, takersByType } from './takers.ts';

type Entities = Map<string, object>;

/** What a store holds, to be put into another one. The entities are immutable; nobody changes them. */
export interface FoldedState {
  readonly seq: number;
  /** Of the last event folded. */
  readonly hash: string;
  /** See `Store.latest`. */
  readonly latest: number | null;
  /** Entities in their order, by the names of `Views`. */
  readonly entities: Readonly<Record<string, readonly (readonly [key: string, entity: object])[]>>;
}

/**
 * State, folded from events. One map of entities per projection, changed in place; the entities themselves are
 * immutable, so that a reader may keep one.
 *
 * A projection that meets an event it cannot take stops there, visibly: the log and the other projections go on.
 */
export class Store<Views> {
  readonly views: Views;
  /** Why a projection stopped, by its name; `details` has `projection` and `seq`. Empty when all is well. */
  readonly stopped = new Map<string, PloinkyError>();
  #seq = 0;
  #hash = genesisHash;
  #latest: number | null = null;
  /** Of the last event: many have the same, and parsing is felt in a million of them. */
  #time = '';
  #missing: { from: number; to: number } | null = null;
  readonly #entities = new Map<AnyProjection, Entities>();
  readonly #takers: ReadonlyMap<string, readonly Taker[]>;

  constructor(projections: Readonly<Record<keyof Views & string, AnyProjection>>) {
    const views: Record<string, Entities> = {};
    for (const [name, projection] of Object.entries<AnyProjection>(projections)) {
      const entities: Entities = new Map();
      views[name] = entities;
      this.#entities.set(projection, entities);
    }
    this.views = views as Views;
    this.#takers = takersByType(projections);
  }

  /** Last event folded. */
  get seq(): number {
    return this.#seq;
  }

  /** Its hash; 64 zeros before the first. */
  get hash(): string {
    return this.#hash;
  }

  /** Highest time among the events folded, in milliseconds since 1970; null before the first. Clocks jump. */
  get latest(): number | null {
    return this.#latest;
  }

  /** All of it as it is now: the lists are copied, the entities never change. */
  capture(): FoldedState {
    const entities = Object.fromEntries(
      Object.entries(this.views as Record<string, Entities>).map(([name, map]) => [name, [...map]]),
    );
    return { seq: this.#seq, hash: this.#hash, latest: this.#latest, entities };
  }

  /** Takes over what another store captured. Only before the first event. */
  restore({ seq, hash, latest, entities }: FoldedState): void {
    for (const [name, map] of Object.entries(this.views as Record<string, Entities>)) {
      for (const [key, entity] of entities[name] ?? []) map.set(key, entity);
    }
    this.#seq = seq;
    this.#hash = hash;
    this.#latest = latest;
  }

  /** Task events that were deleted and that the state therefore lacks; null = it lacks nothing. */
  get missing(): { readonly from: number; readonly to: number } | null {
    return this.#missing;
  }

  /** Folds live events: what became durable together becomes visible together. */
  apply(events: readonly EventEnvelope[]): void {
    if (events.length > 1) this.replay(events);
    else for (const event of events) this.#take(event, evolveOne);
  }

  /**
   * Folds live events of which some were left out, since they concern no projection of this store.
   * @throws PloinkyError LOG_DAMAGED when they do not go forward
   */
  follow(events: readonly EventEnvelope[]): void {
    for (const event of events) {
      const before = firstSeqOf(event) - 1;
      if (before > this.#seq) this.#seq = before;
      this.#take(event, evolveOne);
    }
  }

  /**
   * Folds a chunk of history, which is many times faster than `apply`: an entity is copied when the chunk first touches
   * it, and the reducers change that copy in place. Nobody sees it before the chunk is done.
   */
  replay(events: readonly EventEnvelope[]): void {
    const own = new Set<object>();
    const fold: Fold = (entities, projection, event) => evolveInChunk(entities, own, projection, event);
    for (const event of events) this.#take(event, fold);
  }

  /**
   * Would every projection take the event now? Outcomes of effects are asked this before they are stored, since
   * the world is slow and the state may have moved on.
   */
  admits(event: PloinkyEvent): boolean {
    for (const { projection } of this.#takers.get(event.type) ?? []) {
      if (this.stopped.has(projection.name)) continue;
      const entity = this.#entities.get(projection)?.get(projection.key(event));
      try {
        evolveCopy(entity, (draft) => projection.evolve(draft, event));
      } catch (error) {
        if (isPloinkyError(error, 'TRANSITION_ILLEGAL')) return false;
        throw error;
      }
    }
    return true;
  }

  /**
   * Folds an event of a history that is only supposed, whatever its number: in every projection or, where one refuses,
   * in none. After it the store follows no log any more.
   * @returns why it cannot follow from this state; null when it was folded
   */
  suppose(event: PloinkyEvent): PloinkyError | null {
    const outcomes: [Entities, string, object | null | undefined][] = [];
    for (const { projection } of this.#takers.get(event.type) ?? []) {
      if (this.stopped.has(projection.name)) continue;
      const entities = this.#entities.get(projection) as Entities;
      const key = projection.key(event);
      try {
        outcomes.push([entities, key, evolveCopy(entities.get(key), (draft) => projection.evolve(draft, event))]);
      } catch (error) {
        if (isPloinkyError(error, 'TRANSITION_ILLEGAL')) return error;
        throw error;
      }
    }
    for (const [entities, key, next] of outcomes) put(entities, key, next);
    return null;
  }

  /** Deleted events in a history that is only supposed. */
  supposeGap(gap: EventEnvelope<typeof gapType, GapData>): void {
    this.#skip(gap.data, keyframeOf(gap));
  }

  #take(stored: EventEnvelope, fold: Fold): void {
    if (firstSeqOf(stored) !== this.#seq + 1) {
      throw new PloinkyError('LOG_DAMAGED', `Event ${firstSeqOf(stored)} came after event ${this.#seq}.`);
    }
    this.#seq = stored.seq;
    this.#hash = stored.hash;
    if (stored.time !== this.#time) this.#sees(stored.time);
    if (isGap(stored)) {
      this.#skip(stored.data, keyframeOf(stored));
      return;
    }
    let event: PloinkyEvent | null;
    try {
      event = upcast(stored);
    } catch (error) {
      for (const projection of this.#entities.keys()) this.#stop(projection, error);
      return;
    }
    if (!event) return;
    for (const { projection } of this.#takers.get(event.type) ?? []) {
      if (this.stopped.has(projection.name)) continue;
      try {
        fold(this.#entities.get(projection) as Entities, projection, event);
      } catch (error) {
        this.#stop(projection, error);
      }
    }
  }

  #sees(time: string): void {
    this.#time = time;
    const at = Date.parse(time);
    if (this.#latest === null || at > this.#latest) this.#latest = at;
  }

  /** Deleted events: what was folded from them is unknown, until a keyframe tells what it had come to. */
  #skip({ from, to }: GapData, keyframe: Keyframe | null): void {
    this.#missing = { from: this.#missing?.from ?? from, to };
    if (!keyframe) return;
    let whole = true;
    for (const [projection, entities] of this.#entities) {
      const known = keyframe.projections[projection.name];
      if (!known) continue;
      entities.clear();
      // What another version of the fold came to is of no use to this one.
      if (known.version !== projection.version) whole = false;
      else for (const [key, entity] of known.entities) entities.set(key, entity);
    }
    if (whole) this.#missing = null;
  }

  #stop(projection: AnyProjection, error: unknown): void {
    if (this.stopped.has(projection.name)) return;
    const { name } = projection;
    const message = `The projection ${name} stopped at event ${this.#seq}: ${(error as Error).message}`;
    const code = isPloinkyError(error) ? error.code : 'TRANSITION_ILLEGAL';
    const details = { projection: name, seq: this.#seq };
    this.stopped.set(name, new PloinkyError(code, message, { cause: error, details }));
  }
}

type Evolve = (draft: object | undefined) => object | null | undefined;

type Fold = (entities: Entities, projection: AnyProjection, event: PloinkyEvent) => void;

function evolveOne(entities: Entities, projection: AnyProjection, event: PloinkyEvent): void {
  const key = projection.key(event);
  put(
    entities,
    key,
    evolveCopy(entities.get(key), (draft) => projection.evolve(draft, event)),
  );
}

/** Undefined leaves what there is, null removes it. */
function put(entities: Entities, key: string, next: object | null | undefined): void {
  if (next === null) entities.delete(key);
  else if (next !== undefined) entities.set(key, next);
}

function evolveCopy(entity: object | undefined, evolve: Evolve): object | null | undefined {
  if (!entity || !isDraftable(entity)) return evolve(undefined);
  let removed = false;
  const next = produce(entity, (draft) => {
    const answer = evolve(draft);
    removed = answer === null;
    return answer === null ? undefined : (answer as typeof entity | undefined);
  });
  return removed ? null : next;
}

/** `own`: what this chunk copied, and may change. A new entity is not: it may share the event's data. */
function evolveInChunk(entities: Entities, own: Set<object>, projection: AnyProjection, event: PloinkyEvent): void {
  const key = projection.key(event);
  let entity = entities.get(key);
  if (entity && !own.has(entity)) {
    entity = copyOf(entity);
    own.add(entity);
    entities.set(key, entity);
  }
  put(entities, key, projection.evolve(entity, event) as object | null | undefined);
}

/** Entities are JSON. The spread keeps a key called __proto__ a key, and the assignment then finds it. */
function copyOf<T extends object>(value: T): T {
  if (Array.isArray(value)) return value.map((one: unknown) => (isObject(one) ? copyOf(one) : one)) as unknown as T;
  const copy = { ...value } as Record<string, unknown>;
  for (const key in copy) {
    const one = copy[key];
    if (isObject(one)) copy[key] = copyOf(one);
  }
  return copy as T;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
