import { open } from 'node:fs/promises';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { App } from '../fastify-types.ts';
import { mediaTypeOf } from '../files/media-type.ts';
import type { Surroundings } from '../surroundings.ts';
import { operation, Text } from './schemas.ts';

/** The client for browsers. Only files that were named at the start: no folder is opened to the world. */
export function clientRoutes(app: App, { clientFiles }: Surroundings): void {
  app.get(
    '/client/*',
    {
      config: { open: true, documentedAs: '/client/:file' },
      schema: operation('client', 'PloinkyClient for browsers, /client/ploinkyClient.js.', {
        200: Text('text/javascript'),
      }),
    },
    async (request, reply) => {
      const name = (request.params as { '*': string })['*'];
      const file = Object.hasOwn(clientFiles, name) ? clientFiles[name] : undefined;
      if (file === undefined) throw new PloinkyError('NOT_FOUND', 'There is no such client file.');
      const handle = await open(file).catch(() => {
        throw new PloinkyError('NOT_FOUND', 'The client file is missing from this installation.');
      });
      reply.type(mediaTypeOf(name)).header('cache-control', 'no-cache');
      return reply.send(handle.createReadStream() as never);
    },
  );
}
