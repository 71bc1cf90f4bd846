import { PloinkyError } from '../errors/ploinky-error.ts';
import type { PloinkyEvent } from '../events/catalogue.ts';

/** The error of a transition table: names the event and the state it met. */
export function illegal(event: PloinkyEvent, state: string): PloinkyError {
  return new PloinkyError(
    'TRANSITION_ILLEGAL',
    `${event.type} (seq ${event.seq}, ${event.stream}) cannot follow from the state "${state}".`,
  );
}
