import { PloinkyError } from '../errors/ploinky-error.ts';
import { isGap } from '../log/gap.ts';
import { definitionOf, type PloinkyEvent } from './catalogue.ts';
import type { EventEnvelope } from './envelope.ts';

/**
 * A stored event in the form of today, or null when nobody needs to know its type.
 * @throws PloinkyError EVENT_UNKNOWN for a type, or a version of it, that only a newer Ploinky knows
 */
export function upcast(stored: EventEnvelope): PloinkyEvent | null {
  if (isGap(stored)) return null;
  const definition = definitionOf(stored.type);
  if (!definition) {
    throw new PloinkyError('EVENT_UNKNOWN', `Event ${stored.seq} has the unknown type "${stored.type}".`);
  }
  if (stored.v === definition.v) return stored as PloinkyEvent;
  if (stored.v > definition.v) {
    if (definition.ignorable) return null;
    throw new PloinkyError(
      'EVENT_UNKNOWN',
      `Event ${stored.seq} is version ${stored.v} of ${stored.type}; this Ploinky knows version ${definition.v}.`,
    );
  }
  const data = definition.upcast ? definition.upcast(stored.data, stored.v) : stored.data;
  return { ...stored, v: definition.v, data } as PloinkyEvent;
}
