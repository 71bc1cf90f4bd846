import { Type } from 'typebox';
import { Commit, defineEvent, Nullable, Problem, Text } from './define.ts';

const cloud = 'cloud';
const key = 'key:<keyId>';
const session = 'session:<sessionId>';
const domain = 'domain:<name>';
const repository = 'repository:<name>';

export const cloudEvents = [
  defineEvent(
    'cloud.initialized',
    cloud,
    'The log was created; this is always event 1.',
    Type.Object({
      cloudId: Text('names everything this cloud owns in an engine'),
      version: Text('of Ploinky that wrote it'),
    }),
  ),
  defineEvent(
    'setting.changed',
    cloud,
    'One setting got a new value.',
    Type.Object({
      name: Type.String(),
      value: Type.Unknown(),
      previous: Type.Unknown(),
    }),
  ),
  defineEvent(
    'key.created',
    key,
    'An API key was made. Only its SHA-256 is kept; the key has 256 bits of randomness.',
    Type.Object({ keyId: Type.String(), hash: Type.String(), role: Type.Literal('admin') }),
  ),
  defineEvent(
    'key.rotated',
    key,
    'A new API key took the place of this one.',
    Type.Object({ keyId: Type.String(), replacedBy: Type.String() }),
  ),
  defineEvent(
    'key.revoked',
    key,
    'The API key no longer opens anything.',
    Type.Object({ keyId: Type.String(), reason: Nullable(Type.String()) }),
  ),
  defineEvent(
    'session.opened',
    session,
    'Somebody logged in with an API key.',
    Type.Object({
      sessionId: Type.String(),
      hash: Text('SHA-256 of the token'),
      keyId: Type.String(),
      userId: Type.String(),
      expiresAt: Text('ISO 8601; 24 h after the login'),
    }),
  ),
  defineEvent(
    'session.closed',
    session,
    'A logout, an expiry or a revoked key ended the session.',
    Type.Object({ sessionId: Type.String(), reason: Type.String() }),
  ),
  defineEvent(
    'access.denied',
    cloud,
    'Requests without a valid proof reached a guarded route; several within a second are counted in one event.',
    Type.Object({ method: Type.String(), route: Type.String(), reason: Type.String(), count: Type.Integer() }),
    { ignorable: true },
  ),
  defineEvent('domain.added', domain, 'A host name is served from now on.', Type.Object({ name: Type.String() })),
  defineEvent('domain.enabled', domain, 'The domain is served again.', Type.Object({ name: Type.String() })),
  defineEvent('domain.disabled', domain, 'The domain is kept but not served.', Type.Object({ name: Type.String() })),
  defineEvent('domain.removed', domain, 'The domain is forgotten.', Type.Object({ name: Type.String() })),
  defineEvent(
    'repository.added',
    repository,
    'A Git remote is known under a name.',
    Type.Object({
      name: Type.String(),
      url: Text('without credentials'),
      branch: Nullable(Text('default branch; null = the remote says')),
      enabled: Type.Boolean(),
      check: Text('remove = removed again when the first sync fails; keep = kept'),
    }),
  ),
  defineEvent(
    'repository.updated',
    repository,
    'Address, branch or enabled changed.',
    Type.Object({
      name: Type.String(),
      url: Type.String(),
      branch: Nullable(Type.String()),
      enabled: Type.Boolean(),
    }),
  ),
  defineEvent(
    'repository.removed',
    repository,
    'The remote is forgotten. Releases made from it keep their commits.',
    Type.Object({ name: Type.String(), reason: Nullable(Type.String()) }),
  ),
  defineEvent(
    'repository.syncRequested',
    repository,
    'The remote is to be fetched and its agents listed.',
    Type.Object({ name: Type.String() }),
  ),
  defineEvent(
    'repository.synced',
    repository,
    'The remote was fetched; these agents are in it.',
    Type.Object({
      name: Type.String(),
      branch: Type.String(),
      commit: Commit,
      agents: Type.Array(Type.Object({ name: Type.String(), about: Type.String() })),
    }),
  ),
  defineEvent(
    'repository.syncFailed',
    repository,
    'The remote could not be fetched.',
    Type.Object({ name: Type.String(), problem: Problem }),
  ),
] as const;
