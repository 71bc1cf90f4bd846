import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import { acceptedEvents } from '../../decisions/accepted-events.ts';
import type { Command } from '../../decisions/commands.ts';
import { decide } from '../../decisions/decide.ts';
import type { Views } from '../../projections/views.ts';

/** What happens in the world is decided on these. */
export const actedOn: readonly (keyof Views)[] = [
  'cloud',
  'domains',
  'repositories',
  'deployments',
  'releases',
  'containers',
  'engines',
  'networks',
  'volumes',
  'secrets',
  'tasks',
  'callbacks',
];

/** Commands that ask for something in the world. */
const acting: ReadonlySet<Command['type']> = new Set([
  'deploy',
  'scale',
  'undeploy',
  'rollback',
  'undo',
  'addRepository',
  'setRepositoryEnabled',
  'syncRepository',
  'removeRepository',
]);

/** What a command comes to. @throws PloinkyError with the code of the refusal; PROJECTION_STOPPED */
export function decidedEvents(views: Views, command: Command): readonly PloinkyDraft[] {
  // Taken, they would wait for ever: nothing is begun while one of these stands still.
  if (acting.has(command.type)) for (const name of actedOn) Reflect.get(views, name);
  return acceptedEvents(decide(views, command));
}
