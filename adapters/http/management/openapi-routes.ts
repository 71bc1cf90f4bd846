import { Type } from 'typebox';
import type { App } from '../fastify-types.ts';
import type { Surroundings } from '../surroundings.ts';
import { operation } from './schemas.ts';

export function openApiRoutes(app: App, { cloud }: Surroundings): void {
  let text: Promise<string> | undefined;
  app.get(
    '/management/api/openapi.json',
    {
      config: { open: true },
      schema: operation('health', 'This description.', { 200: Type.Record(Type.String(), Type.Unknown()) }),
    },
    async (_request, reply) => {
      // Made at the first question: most servers are never asked, and the generator is slow to load.
      text ??= import('../openapi.ts').then(async ({ buildOpenApi }) =>
        JSON.stringify(await buildOpenApi(cloud.version)),
      );
      reply.type('application/json; charset=utf-8');
      return reply.send((await text) as never);
    },
  );
}
