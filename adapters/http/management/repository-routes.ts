import { Type } from 'typebox';
import { errorFromProblem, PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { parseName, quote } from '../../../core/names/names.ts';
import type { Repository } from '../../../projections/repositories.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { findRepository, refuseCredentials } from './repository-lookup.ts';
import { Done, GitRef, Name, Nullable, operation, Url, Wait } from './schemas.ts';
import { waitFor } from './waiting.ts';

const Agent = Type.Object({ name: Type.String(), about: Type.String() });
const RepositoryAnswer = Type.Object({
  name: Type.String(),
  url: Type.String(),
  branch: Nullable(Type.String()),
  enabled: Type.Boolean(),
  sync: Type.String({ description: 'wanted, synced or failed' }),
  commit: Nullable(Type.String()),
  syncedAt: Nullable(Type.String()),
  agents: Type.Array(Agent),
  problem: Nullable(Type.Object({ code: Type.String(), message: Type.String(), hint: Nullable(Type.String()) })),
});
const Added = Type.Object({ success: Type.Literal(true), repository: Type.Optional(RepositoryAnswer) });
const ByName = Type.Object({ name: Name('of the repository') });

export function repositoryRoutes(app: App, { cloud, closing }: Surroundings): void {
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
        .map(answerOf),
    }),
  );

  app.post(
    '/management/api/repositories',
    {
      schema: {
        ...operation('repositories', 'Knows a Git remote under a name and looks for its agents.', {
          200: Added,
          202: Added,
        }),
        description:
          'Waits for the first sync. When that fails the repository is not kept, unless `check` is "keep". The same ' +
          'name with the same address changes nothing.',
        querystring: Wait,
        body: Type.Object({
          name: Name('chosen freely'),
          url: Url,
          branch: Type.Optional(Nullable(GitRef)),
          enabled: Type.Optional(Type.Boolean({ default: true })),
          check: Type.Optional(Type.Union([Type.Literal('remove'), Type.Literal('keep')], { default: 'remove' })),
        }),
      },
    },
    async (request, reply) => {
      const { url, branch = null, enabled = true, check = 'remove' } = request.body;
      const name = parseName(request.body.name, 'repository');
      refuseCredentials(url);
      const context = contextOf(request.headers, request.proof, request.trace);
      await cloud.execute({ type: 'addRepository', name, url, branch, enabled, check }, context);
      const repository = cloud.views().repositories.get(name);
      // A disabled one is not looked at, so there is nothing to wait for.
      if (!enabled || !repository)
        return { success: true as const, ...(repository && { repository: answerOf(repository) }) };
      if (request.query.wait === false) {
        return reply.code(202).send({ success: true, repository: answerOf(repository) });
      }
      const settled = await waitFor(reply, closing, (signal) => {
        return cloud.repositorySettled(name, repository.wantedAt, signal);
      });
      if (!settled) throw await whyRemoved(name);
      return { success: true as const, repository: answerOf(settled) };
    },
  );

  app.post(
    '/management/api/repositories/:name/sync',
    {
      schema: {
        ...operation('repositories', 'Fetches the remote and lists its agents anew.', { 200: Added, 202: Added }),
        querystring: Wait,
        params: ByName,
      },
    },
    async (request, reply) => {
      const name = parseName(request.params.name, 'repository');
      const context = contextOf(request.headers, request.proof, request.trace);
      await cloud.execute({ type: 'syncRepository', name }, context);
      const repository = cloud.views().repositories.get(name);
      if (!repository) throw new PloinkyError('REPOSITORY_NOT_FOUND', `There is no repository named ${name}.`);
      if (request.query.wait === false || !repository.enabled) {
        return reply.code(202).send({ success: true, repository: answerOf(repository) });
      }
      const settled = await waitFor(reply, closing, (signal) => {
        return cloud.repositorySettled(name, repository.wantedAt, signal);
      });
      if (!settled) throw await whyRemoved(name);
      if (settled.sync === 'failed' && settled.problem) throw errorFromProblem(settled.problem);
      return { success: true as const, repository: answerOf(settled) };
    },
  );

  for (const enabled of [true, false]) {
    app.post(
      `/management/api/repositories/:name/${enabled ? 'enable' : 'disable'}`,
      {
        schema: {
          ...operation('repositories', `${enabled ? 'Looks' : 'No longer looks'} for agents in a repository.`, {
            200: Done,
          }),
          params: ByName,
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
        params: ByName,
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

  /** The sync failed and the repository is gone; the log still says why. */
  async function whyRemoved(name: string): Promise<PloinkyError> {
    const failures = cloud.read({
      stream: `repository:${name}`,
      types: ['repository.syncFailed'],
      reverse: true,
      limit: 1,
    });
    for await (const event of failures) {
      return errorFromProblem((event.data as { problem: Parameters<typeof errorFromProblem>[0] }).problem);
    }
    return new PloinkyError('REPOSITORY_NOT_FOUND', `The repository ${name} was removed meanwhile.`);
  }
}

function answerOf({ name, url, branch, enabled, sync, commit, syncedAt, agents, problem }: Repository) {
  return { name, url, branch, enabled, sync, commit, syncedAt, agents, problem };
}
