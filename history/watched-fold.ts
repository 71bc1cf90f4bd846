import type { PloinkyError } from '../core/errors/ploinky-error.ts';
import type { PloinkyEvent } from '../core/events/catalogue.ts';
import type { EventEnvelope } from '../core/events/envelope.ts';
import { upcast } from '../core/events/upcast.ts';
import type { AnyProjection } from '../core/kernel/projection.ts';
import { Store } from '../core/kernel/store.ts';

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

interface Taker {
  readonly name: string;
  readonly projection: AnyProjection;
}

const none: ReadonlyMap<string, PloinkyError> = new Map();

/** A fold that tells what each event does. Slower than `Store.replay`, and exact to the event. */
export class WatchedFold {
  readonly store: Store<Record<string, ReadonlyMap<string, object>>>;
  readonly #takers = new Map<string, Taker[]>();

  constructor(projections: Projections) {
    this.store = new Store(projections);
    for (const [name, projection] of Object.entries(projections)) {
      for (const type of projection.types) {
        const takers = this.#takers.get(type) ?? [];
        takers.push({ name, projection });
        this.#takers.set(type, takers);
      }
    }
  }

  /** @throws PloinkyError LOG_DAMAGED where the event does not follow the last one */
  fold(event: EventEnvelope): Folded {
    const before = this.#concerned(event);
    const wereStopped = this.store.stopped.size;
    this.store.apply([event]);
    const touched = before.map((one) => ({ ...one, after: this.store.views[one.projection]?.get(one.key) }));
    return { touched, stopped: this.store.stopped.size === wereStopped ? none : this.#stoppedAfter(wereStopped) };
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

/** A reducer of another version may refuse even to say which entity it is. */
function keyOf(projection: AnyProjection, event: PloinkyEvent): string | undefined {
  try {
    return projection.key(event);
  } catch {
    return undefined;
  }
}
