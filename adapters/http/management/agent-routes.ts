import { Type } from 'typebox';
import type { App } from '../fastify-types.ts';
import type { Surroundings } from '../surroundings.ts';
import { operation } from './schemas.ts';

export function agentRoutes(app: App, { cloud }: Surroundings): void {
  app.get(
    '/management/api/agents',
    {
      schema: operation('repositories', 'Agents of the enabled repositories, as of their last sync.', {
        200: Type.Object({
          agents: Type.Array(Type.Object({ name: Type.String(), about: Type.String(), repository: Type.String() })),
        }),
      }),
    },
    async () => ({
      agents: [...cloud.views().repositories.values()]
        .filter((repository) => repository.enabled)
        .flatMap(({ name: repository, agents }) => agents.map(({ name, about }) => ({ name, about, repository })))
        .sort((a, b) => (a.name === b.name ? compare(a.repository, b.repository) : compare(a.name, b.name))),
    }),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : 1;
}
