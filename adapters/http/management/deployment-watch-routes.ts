import { Type } from 'typebox';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { deploymentId } from '../../../core/names/names.ts';
import { watchedBranch } from '../../../decisions/watched-branch.ts';
import type { Deployment } from '../../../projections/deployments.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { PlaceBody, parsePlace, Watch } from './deployment-request.ts';
import { DeploymentAnswer, deploymentAnswer, livingDeployments, watchAnswer } from './deployment-view.ts';
import { type LastSeen, lastSeen } from './last-seen.ts';
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
  agent: Type.String(),
  commit: Nullable(Type.String({ description: 'of the release that serves' })),
  rests: Nullable(Type.String(), { description: 'why pushes do nothing for now' }),
  pin: DeploymentAnswer.properties.pin,
  seen: Nullable(
    Type.Object({
      commit: Type.String(),
      outcome: Type.String({
        description: 'serving, served, failed, superseded, pending, or waiting: there is no release of it',
      }),
      release: Nullable(Type.Integer({ description: 'that was made of it' })),
      failure: Nullable(
        Type.Object({
          stage: Type.String(),
          code: Type.String(),
          message: Type.String(),
          hint: Nullable(Type.String()),
        }),
      ),
    }),
    { description: 'the commit that the branch was last seen at, and what became of it' },
  ),
  askedAt: Nullable(Type.String({ description: 'ISO 8601; when the remote was last asked since the server started' })),
  nextInMs: Nullable(Type.Integer({ description: 'until it is asked again; null while nothing is to be found there' })),
  problem: Nullable(Type.Object({ code: Type.String(), message: Type.String(), hint: Nullable(Type.String()) }), {
    description: 'of the last time it was asked',
  }),
});

/** Deployments that follow the pushes to their branch. */
export function deploymentWatchRoutes(app: App, surroundings: Surroundings): void {
  const { cloud, closing, now } = surroundings;
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
        return watch ? [{ ...watch, ...entryOf(surroundings, deployment) }] : [];
      });
      return { watches };
    },
  );
}

/** What a deployment follows, or would were it not pinned, and what was found there last. */
function entryOf({ cloud, now }: Surroundings, deployment: Deployment) {
  const views = cloud.views();
  const { id, pin } = deployment;
  const { commit, agent } = deploymentAnswer(views, deployment, now());
  const followed = watchedBranch(views, { ...deployment, pin: null });
  const source = followed?.kind === 'follows' ? followed : null;
  const name = source?.repository.name ?? null;
  const last = name === null ? null : cloud.lastPoll(name);
  const state = name === null || pin !== null ? null : cloud.remoteState(name);
  const { nextInMs = null, problem = null } = state ?? {};
  const branch = source?.branch ?? null;
  const wanted = branch ?? last?.heads?.defaultBranch ?? null;
  const head = wanted === null ? null : (last?.heads?.branches.get(wanted) ?? null);
  return {
    deployment: id,
    repository: name,
    branch,
    agent,
    commit,
    pin,
    seen: seenAnswer(lastSeen(views, deployment, head)),
    askedAt: last?.askedAt ?? null,
    nextInMs,
    problem,
  };
}

function seenAnswer(seen: LastSeen | null) {
  if (seen === null) return null;
  const { failure, ...rest } = seen;
  return { ...rest, failure: failure && { stage: failure.stage, ...failure.problem } };
}
