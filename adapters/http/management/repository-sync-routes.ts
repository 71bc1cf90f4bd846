import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { errorFromProblem, PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { parseName } from '../../../core/names/names.ts';
import { parseRefName } from '../../../core/names/ref-name.ts';
import { parseRemoteUrl, requirePermitted } from '../../../core/names/remote-url.ts';
import type { Repository } from '../../../projections/repositories.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { ByRepositoryName, RepositoryAnswer, repositoryAnswer } from './repository-view.ts';
import { GitRef, Name, Nullable, operation, Url, Wait } from './schemas.ts';
import { waitFor } from './waiting.ts';

const Added = Type.Object({ success: Type.Literal(true), repository: Type.Optional(RepositoryAnswer) });

/** What makes Ploinky look at a remote. */
export function repositorySyncRoutes(app: App, { cloud, closing }: Surroundings): void {
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
      // Before anything is written down: a password in an address would stay in the log for ever.
      requirePermitted(parseRemoteUrl(url), cloud.settings()['git.allowLocal']);
      if (branch) parseRefName(branch, 'branch');
      const context = contextOf(request.headers, request.proof, request.trace);
      await cloud.execute({ type: 'addRepository', name, url, branch, enabled, check }, context);
      const repository = cloud.views().repositories.get(name);
      // A disabled one is not looked at, so there is nothing to wait for.
      if (!enabled || !repository)
        return { success: true as const, ...(repository && { repository: repositoryAnswer(repository) }) };
      if (request.query.wait === false) {
        return reply.code(202).send({ success: true, repository: repositoryAnswer(repository) });
      }
      const settled = await settledAfter(reply, repository);
      const kept = cloud.views().repositories.has(name);
      if (settled.sync === 'failed' && settled.problem && !kept) throw errorFromProblem(settled.problem);
      return { success: true as const, repository: repositoryAnswer(settled) };
    },
  );

  app.post(
    '/management/api/repositories/:name/sync',
    {
      schema: {
        ...operation('repositories', 'Fetches the remote and lists its agents anew.', { 200: Added, 202: Added }),
        querystring: Wait,
        params: ByRepositoryName,
      },
    },
    async (request, reply) => {
      const name = parseName(request.params.name, 'repository');
      const context = contextOf(request.headers, request.proof, request.trace);
      await cloud.execute({ type: 'syncRepository', name }, context);
      const repository = cloud.views().repositories.get(name);
      if (!repository) throw new PloinkyError('REPOSITORY_NOT_FOUND', `There is no repository named ${name}.`);
      if (request.query.wait === false || !repository.enabled) {
        return reply.code(202).send({ success: true, repository: repositoryAnswer(repository) });
      }
      const settled = await settledAfter(reply, repository);
      if (settled.sync === 'failed' && settled.problem) throw errorFromProblem(settled.problem);
      return { success: true as const, repository: repositoryAnswer(settled) };
    },
  );

  async function settledAfter(reply: FastifyReply, { name, wantedAt }: Repository): Promise<Repository> {
    const settled = await waitFor(reply, closing, (signal) => cloud.repositorySettled(name, wantedAt, signal));
    if (!settled) throw await whyRemoved(name);
    return settled;
  }

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
