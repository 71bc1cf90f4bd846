import { Type } from 'typebox';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { deploymentId } from '../../../core/names/names.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { PlaceBody, parsePlace, Watch } from './deployment-request.ts';
import { DeploymentAnswer, deploymentAnswer, livingDeployments, watchAnswer } from './deployment-view.ts';
import { Nullable, operation } from './schemas.ts';

const Watched = Type.Object({
  success: Type.Literal(true),
  deployment: DeploymentAnswer,
  changed: Type.Boolean({ description: 'false: it was so already' }),
  trace: Type.String(),
});

const WatchEntry = Type.Object({
  deployment: Type.String({ description: '`<domain><path>`' }),
  repository: Nullable(Type.String()),
  branch: Nullable(Type.String({ description: 'null = the default branch' })),
  commit: Nullable(Type.String({ description: 'of the release that serves' })),
  rests: Nullable(Type.String(), { description: 'why pushes do nothing for now' }),
  askedAt: Nullable(Type.String({ description: 'ISO 8601; when the remote was last asked by this server' })),
  nextInMs: Nullable(Type.Integer({ description: 'until it is asked again; null while a release is being made' })),
  problem: Nullable(Type.Object({ code: Type.String(), message: Type.String(), hint: Nullable(Type.String()) }), {
    description: 'of the last time it was asked',
  }),
});

/** Deployments that follow the pushes to their branch. */
export function deploymentWatchRoutes(app: App, { cloud, closing, now }: Surroundings): void {
  app.post(
    '/management/api/deployments/watch',
    {
      schema: {
        ...operation('deployments', 'Makes a new release whenever the branch moves, or no more.', { 200: Watched }),
        description:
          'Only a branch can be watched: WATCH_IMPOSSIBLE where a tag or a commit is deployed, also by the name of a branch.',
        body: Type.Object({ ...PlaceBody.properties, watch: Watch }),
      },
    },
    async (request) => {
      const { domain, path } = parsePlace(request.body);
      const { watch } = request.body;
      if (watch) await cloud.checkBranch(deploymentId(domain, path), closing);
      const context = contextOf(request.headers, request.proof, request.trace);
      const events = await cloud.execute({ type: 'watch', domain, path, watch }, context);
      const views = cloud.views();
      const deployment = views.deployments.get(deploymentId(domain, path));
      if (!deployment) throw new PloinkyError('DEPLOYMENT_NOT_FOUND', `Nothing is deployed at ${domain}${path}.`);
      return {
        success: true as const,
        deployment: deploymentAnswer(views, deployment, now()),
        changed: events.length > 0,
        trace: request.trace,
      };
    },
  );

  app.get(
    '/management/api/watches',
    {
      schema: operation('deployments', 'What is watched, and how the asking of its remotes goes.', {
        200: Type.Object({ watches: Type.Array(WatchEntry) }),
      }),
    },
    async () => {
      const views = cloud.views();
      const watches = livingDeployments(views).flatMap((deployment) => {
        const watch = watchAnswer(views, deployment);
        if (!watch) return [];
        const state = watch.repository === null ? null : cloud.remoteState(watch.repository);
        const { commit } = deploymentAnswer(views, deployment, now());
        const { askedAt = null, nextInMs = null, problem = null } = state ?? {};
        return [{ deployment: deployment.id, ...watch, commit, askedAt, nextInMs, problem }];
      });
      return { watches };
    },
  );
}
