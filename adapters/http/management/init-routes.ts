import { Type } from 'typebox';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { checkInitPermission } from '../auth/init-permission.ts';
import type { App } from '../fastify-types.ts';
import type { Surroundings } from '../surroundings.ts';
import { operation } from './schemas.ts';

export function initRoutes(app: App, { cloud, denied }: Surroundings): void {
  app.post(
    '/management/api/init',
    {
      config: { open: true },
      onRequest: (request, _reply, done) => {
        if (cloud.phase() !== 'uninitialized') {
          throw new PloinkyError('ALREADY_INITIALIZED', 'This cloud was initialised before.');
        }
        try {
          checkInitPermission(request.raw, cloud.initToken());
          done();
        } catch (error) {
          denied.note('POST', '/management/api/init', 'init refused');
          throw error;
        }
      },
      schema: {
        ...operation('access', 'Makes the log and the first API key; once.', {
          200: Type.Object({
            success: Type.Literal(true),
            apiKey: Type.String({ description: 'shown this one time' }),
            keyId: Type.String(),
          }),
        }),
        description:
          'Allowed from a loopback address with a loopback Host and not from a page of another site; from elsewhere ' +
          'with the content of the file init-token as X-Init-Token.',
      },
    },
    async (request) => {
      const { apiKey, keyId } = await cloud.initialize({ actor: 'anonymous', trace: request.trace });
      return { success: true as const, apiKey, keyId };
    },
  );
}
