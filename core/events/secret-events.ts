import { Type } from 'typebox';
import { defineEvent } from './define.ts';

const secret = 'secret:<name>';

export const secretEvents = [
  defineEvent(
    'secret.set',
    secret,
    'A secret has a new version. Its value lies encrypted in the secret store and never in an event.',
    Type.Object({ name: Type.String(), version: Type.Integer({ minimum: 1 }) }),
  ),
  defineEvent(
    'secret.removed',
    secret,
    'Every version was destroyed; a release that needs one can no longer be started.',
    Type.Object({ name: Type.String(), versions: Type.Array(Type.Integer({ minimum: 1 })) }),
  ),
] as const;
