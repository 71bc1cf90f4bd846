import { errorFromProblem } from '../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../core/events/catalogue.ts';
import type { Decision } from './commands.ts';

/** For who cannot go on without them. @throws PloinkyError the refusal; `details.dependants` has the events in the way */
export function acceptedEvents(decision: Decision): readonly PloinkyDraft[] {
  if (decision.kind === 'accepted') return decision.events;
  const { problem, because } = decision;
  throw errorFromProblem(problem, because ? { dependants: because } : undefined);
}
