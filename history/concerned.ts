import type { EventEnvelope } from '../core/events/envelope.ts';
import { upcast } from '../core/events/upcast.ts';
import { takersByType } from '../core/kernel/takers.ts';
import { projections } from '../projections/registry.ts';

/** One entity of the state. */
export interface EntityName {
  readonly projection: string;
  readonly key: string;
}

const takers = takersByType(projections);

/** The entities that an event may have changed; none for an event that no projection takes. */
export function concernedBy(stored: EventEnvelope): EntityName[] {
  const known = takers.get(stored.type);
  if (!known) return [];
  const event = upcast(stored);
  return event ? known.map(({ name, projection }) => ({ projection: name, key: projection.key(event) })) : [];
}
