import type { PloinkyEvent } from '../core/events/catalogue.ts';
import type { Decision } from './commands.ts';
import { refused } from './refuse.ts';

/** Why events of a kind cannot be taken back, and what to do instead. By type, else by what stands before the dot. */
const reasons: Readonly<Record<string, readonly [why: string, instead: string]>> = {
  cloud: ['it is the beginning of this cloud', 'Stop the server and delete its folder if the cloud shall go.'],
  key: [
    'keys that were given out or taken away stay so',
    'Use `p-cli cloud keys rotate`; a key that was revoked never comes back.',
  ],
  session: ['a login or logout is over', 'Log in or out: `p-cli cloud login`, `p-cli cloud logout`.'],
  access: [
    'it only tells that a request was refused',
    'See who asked with `p-cli cloud history --type access.denied`.',
  ],
  'secret.set': [
    'the value of before is in no event',
    'Set it again with `p-cli cloud secret set`; a rollback with --secrets then uses an older version that still exists.',
  ],
  'secret.removed': [
    'its values were destroyed for good',
    'Give it a new value with `p-cli cloud secret set`, then deploy again.',
  ],
  'repository.syncRequested': [
    'fetching a repository changes nothing that is deployed',
    'See `p-cli cloud repo list`.',
  ],
  'repository.synced': [
    'it tells what the remote had at that time',
    'Releases keep their commits: `p-cli cloud rollback` goes back to one.',
  ],
  'repository.syncFailed': ['it tells that the remote could not be read', 'Try again with `p-cli cloud repo sync`.'],
  'repository.webhookChanged': [
    'webhooks are set by their name alone',
    'Use `p-cli cloud webhook set` or `p-cli cloud webhook remove`.',
  ],
  push: ['it tells what the host of a repository said', 'Roll back what was deployed: `p-cli cloud rollback`.'],
  'deployment.rolledBack': [
    'that rollback started nothing',
    'Name another target: `p-cli cloud rollback … --to <release>`.',
  ],
  'deployment.rollbackFailed': [
    'what served before still does',
    'Nothing has to be undone; see the stage that failed.',
  ],
  release: [
    'it is a step of a deployment',
    'Undo the deployment.requested event of the release, or use `p-cli cloud rollback`.',
  ],
  container: [
    'it tells what a container did',
    'Containers follow their release: use `p-cli cloud rollback` or `p-cli cloud undeploy`.',
  ],
  engine: ['it tells what the engine did', 'See `p-cli cloud health`.'],
  observation: ['it tells what could not be seen', 'See `p-cli cloud health`.'],
  task: ['a call that was made has had its effects', 'Call a command of the agent that takes it back, if it has one.'],
};

export function notUndoable(event: PloinkyEvent): Decision {
  const [why, instead] = reasons[event.type] ??
    reasons[event.type.slice(0, event.type.indexOf('.'))] ?? ['there is nothing that takes it back', undefined];
  return refused('UNDO_IMPOSSIBLE', `Event ${event.seq}, ${event.type}, cannot be undone: ${why}.`, instead);
}
