import type { PloinkyError } from '../core/errors/ploinky-error.ts';
import type { PloinkyEvent } from '../core/events/catalogue.ts';
import type { EventEnvelope } from '../core/events/envelope.ts';
import { upcast } from '../core/events/upcast.ts';
import type { AnyProjection } from '../core/kernel/projection.ts';
import { Store } from '../core/kernel/store.ts';
import { type Taker, takersByType } from '../core/kernel/takers.ts';
import { isGap } from '../core/log/gap.ts';

/** Projections by their names: of this version or of another. */
export type Projections = Readonly<Record<string, AnyProjection>>;

/** An entity that an event concerns, before it and after it; undefined = there was none. */
export interface Touched {
  readonly projection: string;
  readonly key: string;
  readonly before: object | undefined;
  readonly after: object | undefined;
}

/** What one event did to the state. */
export interface Folded {
  /** Every entity it concerns, changed or not. */
  readonly touched: readonly Touched[];
  /** Projections that stopped at it, and why. */
  readonly stopped: ReadonlyMap<string, PloinkyError>;
}

const none: ReadonlyMap<string, PloinkyError> = new Map();

/** A fold that tells what each event does. Slower than `Store.replay`, and exact to the event. */
export class WatchedFold {
  readonly store: Store<Record<string, ReadonlyMap<string, object>>>;
  readonly #takers: ReadonlyMap<string, readonly Taker[]>;

  constructor(projections: Projections) {
    this.store = new Store(projections);
    this.#takers = takersByType(projections);
  }

  /** @throws PloinkyError LOG_DAMAGED where the event does not follow the last one */
  fold(event: EventEnvelope): Folded {
    if (isGap(event)) return this.#pass(event);
    const before = this.#concerned(event);
    const wereStopped = this.store.stopped.size;
    this.store.apply([event]);
    const touched = before.map((one) => ({ ...one, after: this.store.views[one.projection]?.get(one.key) }));
    return { touched, stopped: this.store.stopped.size === wereStopped ? none : this.#stoppedAfter(wereStopped) };
  }

  /** Deleted events leave what a keyframe says they had come to. */
  #pass(event: EventEnvelope): Folded {
    const views = Object.entries(this.store.views);
    const before = new Map(views.map(([projection, entities]) => [projection, new Map(entities)]));
    this.store.apply([event]);
    const touched = views.flatMap(([projection, entities]) => {
      const old = before.get(projection) as ReadonlyMap<string, object>;
      const keys = new Set([...old.keys(), ...entities.keys()]);
      return [...keys].flatMap((key): Touched[] => {
        const change = { projection, key, before: old.get(key), after: entities.get(key) };
        return change.before === change.after ? [] : [change];
      });
    });
    return { touched, stopped: none };
  }

  #concerned(event: EventEnvelope): Omit<Touched, 'after'>[] {
    const takers = this.#takers.get(event.type);
    if (!takers) return [];
    let known: PloinkyEvent | null;
    try {
      known = upcast(event);
    } catch {
      // The store says so for every projection.
      return [];
    }
    if (!known) return [];
    const found: Omit<Touched, 'after'>[] = [];
    for (const { name, projection } of takers) {
      const key = keyOf(projection, known);
      if (key !== undefined) found.push({ projection: name, key, before: this.store.views[name]?.get(key) });
    }
    return found;
  }

  #stoppedAfter(count: number): ReadonlyMap<string, PloinkyError> {
    return new Map([...this.store.stopped].slice(count));
  }
}

/** Projections that read events which retention may delete: without those they cannot be folded anew. */
export function readersOfTasks(projections: Projections): string[] {
  const reads = ({ types }: AnyProjection) => types.some((type) => type.startsWith('task.'));
  return Object.keys(projections).filter((name) => reads(projections[name] as AnyProjection));
}

/** A reducer of another version may refuse even to say which entity it is. */
function keyOf(projection: AnyProjection, event: PloinkyEvent): string | undefined {
  try {
    return projection.key(event);
  } catch {
    return undefined;
  }
}
