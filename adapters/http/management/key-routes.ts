import { Type } from 'typebox';
import { newApiKey } from '../auth/credentials.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { Done, Name, operation } from './schemas.ts';

const NewKey = Type.Object({
  success: Type.Literal(true),
  apiKey: Type.String({ description: 'shown this one time' }),
  keyId: Type.String(),
});

export function keyRoutes(app: App, { cloud }: Surroundings): void {
  app.get(
    '/management/api/keys',
    {
      schema: operation('access', 'API keys, without the keys.', {
        200: Type.Object({
          keys: Type.Array(
            Type.Object({
              keyId: Type.String(),
              role: Type.String(),
              status: Type.String({ description: 'active, rotated or revoked' }),
              createdAt: Type.String(),
            }),
          ),
        }),
      }),
    },
    async () => ({
      keys: [...cloud.views().keys.values()].map(({ keyId, role, status, createdAt }) => {
        return { keyId, role, status, createdAt };
      }),
    }),
  );

  app.post(
    '/management/api/keys',
    { schema: operation('access', 'One more API key beside those there are.', { 200: NewKey }) },
    async (request) => {
      const { apiKey, keyId, keyHash } = newApiKey();
      const context = contextOf(request.headers, request.proof, request.trace);
      await cloud.execute({ type: 'createKey', keyId, keyHash }, context);
      return { success: true as const, apiKey, keyId };
    },
  );

  app.post(
    '/management/api/keys/rotate',
    {
      schema: {
        ...operation('access', 'A new API key in place of one, or of all; their sessions end.', { 200: NewKey }),
        body: Type.Object({ keyId: Type.Optional(Name('of the key to replace; all active ones without it')) }),
      },
    },
    async (request) => {
      const { apiKey, keyId, keyHash } = newApiKey();
      await cloud.execute(
        { type: 'rotateKey', keyId: request.body.keyId ?? null, newKeyId: keyId, newKeyHash: keyHash },
        contextOf(request.headers, request.proof, request.trace),
      );
      return { success: true as const, apiKey, keyId };
    },
  );

  app.delete(
    '/management/api/keys/:keyId',
    {
      schema: {
        ...operation('access', 'Revokes an API key and ends its sessions.', { 200: Done }),
        params: Type.Object({ keyId: Name('of an active key') }),
      },
    },
    async (request) => {
      await cloud.execute(
        { type: 'revokeKey', keyId: request.params.keyId, reason: null },
        contextOf(request.headers, request.proof, request.trace),
      );
      return { success: true as const };
    },
  );
}
