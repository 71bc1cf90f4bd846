import { Type } from 'typebox';
import { defineEvent, Nullable, Text } from './define.ts';

const repository = 'repository:<name>';

export const pushEvents = [
  defineEvent(
    'repository.webhookChanged',
    repository,
    'Its host may tell of pushes from now on, with the secret of that name as proof, or no more.',
    Type.Object({ name: Type.String(), secret: Nullable(Text('name; null = no webhook')) }),
  ),
  defineEvent(
    'push.received',
    repository,
    'The host of a repository told of a push, with a valid proof; the remote is asked at once.',
    Type.Object({
      repository: Text('name'),
      host: Type.Union([Type.Literal('github'), Type.Literal('gitlab')]),
      branch: Nullable(Text('as the host says; null = it did not say one')),
      commit: Nullable(Text('as the host says')),
      delivery: Text('id by which the host knows the message; the same one counts once'),
      pinned: Type.Optional(
        Type.Array(
          Type.Object({
            deployment: Text('`<domain><path>`'),
            target: Type.Integer({ description: 'release that a rollback went back to' }),
            since: Text('ISO 8601'),
            seq: Type.Integer({ description: 'of the event that pinned it' }),
          }),
          { description: 'deployments that do not follow it, pinned by a rollback until their next deploy' },
        ),
      ),
    }),
  ),
] as const;
