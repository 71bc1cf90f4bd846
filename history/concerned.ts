import type { EventEnvelope } from '../core/events/envelope.ts';
import { upcast } from '../core/events/upcast.ts';
import type { AnyProjection } from '../core/kernel/projection.ts';
import { projections } from '../projections/registry.ts';

/** One entity of the state. */
export interface EntityName {
  readonly projection: string;
  readonly key: string;
}

const takers = new Map<string, [name: string, projection: AnyProjection][]>();
for (const [name, projection] of Object.entries<AnyProjection>(projections)) {
  for (const type of projection.types) takers.set(type, [...(takers.get(type) ?? []), [name, projection]]);
}

/** The entities that an event may have changed; none for an event that no projection takes. */
export function concernedBy(stored: EventEnvelope): EntityName[] {
  const known = takers.get(stored.type);
  if (!known) return [];
  const event = upcast(stored);
  return event ? known.map(([projection, { key }]) => ({ projection, key: key(event) })) : [];
}
