import { Type } from 'typebox';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { parseName, quote } from '../../../core/names/names.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { findRepository } from './repository-lookup.ts';
import { Agent, ByRepositoryName, RepositoryAnswer, repositoryAnswer } from './repository-view.ts';
import { Done, Name, operation, Url } from './schemas.ts';

/** Which remotes there are, and their end. */
export function repositoryRoutes(app: App, { cloud }: Surroundings): void {
  app.get(
    '/management/api/repositories',
    {
      schema: {
        ...operation('repositories', 'Known Git remotes.', {
          200: Type.Object({ repositories: Type.Array(RepositoryAnswer) }),
        }),
        querystring: Type.Object({ all: Type.Optional(Type.Boolean({ description: 'true: disabled ones too' })) }),
      },
    },
    async (request) => ({
      repositories: [...cloud.views().repositories.values()]
        .filter((repository) => repository.enabled || request.query.all === true)
        .map(repositoryAnswer),
    }),
  );

  for (const enabled of [true, false]) {
    app.post(
      `/management/api/repositories/:name/${enabled ? 'enable' : 'disable'}`,
      {
        schema: {
          ...operation('repositories', `${enabled ? 'Looks' : 'No longer looks'} for agents in a repository.`, {
            200: Done,
          }),
          params: ByRepositoryName,
        },
      },
      async (request) => {
        const name = parseName(request.params.name, 'repository');
        const context = contextOf(request.headers, request.proof, request.trace);
        await cloud.execute({ type: 'setRepositoryEnabled', name, enabled }, context);
        return { success: true as const };
      },
    );
  }

  app.delete(
    '/management/api/repositories/:name',
    {
      schema: {
        ...operation('repositories', 'Forgets a remote; also when it was never known.', { 200: Done }),
        params: ByRepositoryName,
      },
    },
    async (request) => {
      const name = parseName(request.params.name, 'repository');
      const context = contextOf(request.headers, request.proof, request.trace);
      await cloud.execute({ type: 'removeRepository', name, reason: null }, context);
      return { success: true as const };
    },
  );

  app.delete(
    '/management/api/repositories',
    {
      schema: {
        ...operation('repositories', 'Forgets a remote that the body names by name, id or address.', { 200: Done }),
        body: Type.Object({
          name: Type.Optional(Name('of the repository')),
          id: Type.Optional(Name('the same as name')),
          url: Type.Optional(Url),
        }),
      },
    },
    async (request) => {
      const wanted = request.body.name ?? request.body.id ?? request.body.url;
      if (wanted === undefined) {
        throw new PloinkyError('INVALID_REQUEST', 'Say which repository, by name, id or url.');
      }
      const name = findRepository(cloud.views(), wanted)?.name;
      if (name !== undefined) {
        const context = contextOf(request.headers, request.proof, request.trace);
        await cloud.execute({ type: 'removeRepository', name, reason: null }, context);
      }
      return { success: true as const };
    },
  );

  app.get(
    '/management/api/repositories/*',
    {
      config: { documentedAs: '/management/api/repositories/:name/agents' },
      schema: {
        ...operation('repositories', 'Agents of one repository, by name or by the base64 of its address.', {
          200: Type.Object({ agents: Type.Array(Agent) }),
        }),
      },
    },
    async (request) => {
      // Plain base64 may hold slashes, so the name is everything before the final part.
      const rest = (request.params as { '*': string })['*'];
      if (!rest.endsWith('/agents')) {
        throw new PloinkyError('NOT_FOUND', 'There is nothing at this address of the management interface.');
      }
      const wanted = rest.slice(0, -'/agents'.length);
      const repository = findRepository(cloud.views(), wanted);
      if (!repository) {
        throw new PloinkyError('REPOSITORY_NOT_FOUND', `No repository is known as ${quote(wanted)}.`);
      }
      return { agents: repository.agents };
    },
  );
}
