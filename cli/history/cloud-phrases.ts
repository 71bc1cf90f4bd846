import type { EventType } from '../../core/events/catalogue.ts';
import type { Phrases } from './phrases.ts';
import { shortValue } from './short-value.ts';

type CloudEvent = Extract<
  EventType,
  | `cloud.${string}`
  | `setting.${string}`
  | `key.${string}`
  | `session.${string}`
  | `access.${string}`
  | `domain.${string}`
  | `repository.${string}`
  | `push.${string}`
>;

export const cloudPhrases: Phrases<CloudEvent> = {
  'cloud.initialized': ({ cloudId, version }) => `cloud ${cloudId} created by Ploinky ${version}`,
  'setting.changed': ({ name, value, previous }) => `${name}: ${shortValue(previous)} → ${shortValue(value)}`,
  'key.created': ({ keyId, role }) => `API key ${keyId} made (${role})`,
  'key.rotated': ({ keyId, replacedBy }) => `API key ${keyId} replaced by ${replacedBy}`,
  'key.revoked': ({ keyId, reason }) => `API key ${keyId} revoked${because(reason)}`,
  'session.opened': ({ userId, keyId }) => `${userId} logged in with ${keyId}`,
  'session.closed': ({ reason }) => `session ended: ${reason}`,
  'access.denied': ({ method, route, reason, count }) => `${count} × ${method} ${route} refused: ${reason}`,
  'domain.added': ({ name }) => `${name} is served`,
  'domain.enabled': ({ name }) => `${name} is served again`,
  'domain.disabled': ({ name }) => `${name} is kept but not served`,
  'domain.removed': ({ name }) => `${name} is forgotten`,
  'repository.added': ({ name, url }) => `${name} = ${url}`,
  'repository.updated': ({ name, url, enabled }) => `${name} = ${url}${enabled ? '' : ' (disabled)'}`,
  'repository.removed': ({ name, reason }) => `${name} is forgotten${because(reason)}`,
  'repository.syncRequested': ({ name }) => `${name} is to be read again`,
  'repository.synced': ({ name, branch, commit, agents }) =>
    `${name} ${branch} at ${commit.slice(0, 8)}, ${agents.length} ${agents.length === 1 ? 'agent' : 'agents'}`,
  'repository.webhookChanged': ({ name, secret }) =>
    secret === null
      ? `${name} may not tell of pushes any more`
      : `${name} may tell of pushes, proved by the secret ${secret}`,
  'push.received': ({ repository, host, branch, commit, pinned = [] }) => {
    const held = pinned.map(({ deployment, target }) => `; ${deployment} is pinned by the rollback to #${target}`);
    const what = commit === null ? '' : `: ${commit.slice(0, 8)}`;
    return `${host} tells of a push to ${branch ?? 'some branch'} of ${repository}${what}${held.join('')}`;
  },
  'repository.syncFailed': ({ name, problem }) => `${name}: ${problem.code}: ${problem.message}`,
};

function because(reason: string | null): string {
  return reason === null ? '' : `: ${reason}`;
}
