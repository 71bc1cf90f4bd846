import { Type } from 'typebox';
import type { App } from '../fastify-types.ts';
import type { Surroundings } from '../surroundings.ts';
import { operation } from './schemas.ts';

export function openApiRoutes(app: App, { openApi }: Surroundings): void {
  app.get(
    '/management/api/openapi.json',
    {
      config: { open: true },
      schema: operation('health', 'This description.', { 200: Type.Record(Type.String(), Type.Unknown()) }),
    },
    async (_request, reply) => {
      reply.type('application/json; charset=utf-8');
      return reply.send((await openApi()) as never);
    },
  );
}
