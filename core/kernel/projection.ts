import type { PloinkyEvent } from '../events/catalogue.ts';

/**
 * A pure fold of one kind of entity. The kernel keeps the map of entities; a reducer sees one of them.
 *
 * `evolve` may change the draft it is given, return a new entity, or return null to remove it. An event that
 * cannot follow from the entity's state throws TRANSITION_ILLEGAL (see `illegal()`) before it changes anything. A
 * new entity holds no object of the draft, since the draft may be of a chunk that is not finished.
 */
export interface Projection<Entity extends object> {
  readonly name: string;
  /** Raised when the fold changes meaning, so that stored snapshots of the old fold are not used. */
  readonly version: number;
  readonly types: readonly PloinkyEvent['type'][];
  /** Which entity an event concerns. Called only for `types`. */
  readonly key: (event: PloinkyEvent) => string;
  readonly evolve: (draft: Entity | undefined, event: PloinkyEvent) => Entity | null | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: a registry holds projections of different entities
export type AnyProjection = Projection<any>;
