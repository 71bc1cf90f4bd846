import { Type } from 'typebox';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { deploymentId, releaseId } from '../../../core/names/names.ts';
import { conditionOf } from '../../../decisions/condition-of.ts';
import { restartPolicyOf, staysDown } from '../../../decisions/restart-policy.ts';
import { scalingOf } from '../../../decisions/scaling.ts';
import type { Views } from '../../../projections/views.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { PlaceBody, parsePlace, Replicas } from './deployment-request.ts';
import { DeploymentAnswer, deploymentAnswer } from './deployment-view.ts';
import { Nullable, operation, Wait } from './schemas.ts';
import { waitFor } from './waiting.ts';

const Scaled = Type.Object({
  success: Type.Literal(true),
  message: Type.String(),
  deployment: DeploymentAnswer,
  previous: Type.Integer({ description: 'how many replicas there were to be before' }),
  starting: Type.Array(Type.String(), { description: 'containers that are wanted and do not answer yet' }),
  stayDown: Type.Array(Type.Object({ container: Type.String(), reason: Type.String() }), {
    description: 'those of starting that ended and that the manifest leaves as they are until the next deploy',
  }),
  restart: Type.String({ description: 'always, on-failure or never, as its manifest says' }),
  stopping: Type.Array(Type.String(), { description: 'containers that are too many; they finish what they run' }),
  seq: Nullable(Type.Integer(), { description: 'of deployment.scaled; null where the number was the same already' }),
  trace: Type.String({ description: 'of everything that follows: history?trace=…' }),
});

/** How many containers a deployment runs in. */
export function deploymentScaleRoutes(app: App, { cloud, closing, now }: Surroundings): void {
  app.post(
    '/management/api/deployments/scale',
    {
      schema: {
        ...operation('deployments', 'Runs a deployment in so many containers, which share its calls.', {
          200: Scaled,
          202: Scaled,
        }),
        description:
          'Waits until all of them answer and those that are too many are gone, or answers with REPLICAS_MISSING once ' +
          'one of them fails; it is tried again all the same. The number is kept by later releases and rollbacks.',
        querystring: Wait,
        body: Type.Object({ ...PlaceBody.properties, replicas: Replicas }),
      },
    },
    async (request, reply) => {
      const { replicas } = request.body;
      const { domain, path } = parsePlace(request.body);
      const id = deploymentId(domain, path);
      const context = contextOf(request.headers, request.proof, request.trace);
      const events = await cloud.execute({ type: 'scale', domain, path, replicas }, context);
      const scaled = events.find((event) => event.type === 'deployment.scaled');
      const answer = (message: string) => {
        const views = cloud.views();
        const deployment = views.deployments.get(id);
        if (!deployment) throw new Error(`${id} was scaled and is not in the views`);
        const { missing, troubled, surplus } = scalingOf(views, id);
        const { routed } = deployment;
        const policy = restartPolicyOf(routed === null ? undefined : views.releases.get(releaseId(id, routed)));
        const stay = troubled.filter((container) => staysDown(container, policy));
        return {
          success: true as const,
          message,
          deployment: deploymentAnswer(views, deployment, now()),
          previous: scaled?.data.previous ?? replicas,
          starting: missing.map(({ name }) => name),
          stayDown: stay.map((container) => {
            return { container: container.name, reason: conditionOf(container, policy).reason ?? 'ended' };
          }),
          restart: policy,
          stopping: surplus.map(({ name }) => name),
          seq: scaled?.seq ?? null,
          trace: request.trace,
        };
      };
      const told = replicas === 1 ? '1 replica' : `${replicas} replicas`;
      if (request.query.wait === false) return reply.code(202).send(answer(`${id} is to run in ${told}.`));
      await waitFor(reply, closing, (signal) => cloud.scaleSettled(id, signal));
      checkScaled(cloud.views(), id, replicas);
      return answer(`${id} runs in ${told}.`);
    },
  );
}

/** @throws PloinkyError DEPLOYMENT_REMOVED, SUPERSEDED, REPLICAS_MISSING */
function checkScaled(views: Views, id: string, wanted: number): void {
  const deployment = views.deployments.get(id);
  if (!deployment || deployment.status === 'removed') {
    throw new PloinkyError('DEPLOYMENT_REMOVED', `${id} was removed before it was scaled.`);
  }
  if (deployment.replicas !== wanted) {
    throw new PloinkyError('SUPERSEDED', `${id} was scaled to ${deployment.replicas} meanwhile.`, {
      hint: 'See what runs with `p-cli cloud deployments`.',
    });
  }
  const { serving, troubled } = scalingOf(views, id);
  const [first] = troubled;
  if (!first) return;
  const { state, reason } = conditionOf(first, restartPolicyOf(views.releases.get(releaseId(id, first.release))));
  const why = `replica ${first.replica} is ${state}${reason === null ? '' : `: ${reason.replace(/\.$/, '')}`}`;
  throw new PloinkyError('REPLICAS_MISSING', `${serving.length} of ${wanted} replicas of ${id} answer; ${why}.`);
}
