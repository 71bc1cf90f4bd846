import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { deploymentId, releaseId } from '../../../core/names/names.ts';
import { needsImage } from '../../../decisions/serves-files.ts';
import type { Deployment, DeploymentConfig } from '../../../projections/deployments.ts';
import type { Views } from '../../../projections/views.ts';
import { isolationOf } from '../../engine/isolation.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { configOf, DeployBody, parsePlace, SyncBody, UpdateBody, withChoices } from './deployment-request.ts';
import { DeploymentAnswer, deploymentAnswer, Isolation } from './deployment-view.ts';
import { droppedChoices } from './dropped-choices.ts';
import { checkServes } from './release-outcome.ts';
import { Nullable, operation, Wait } from './schemas.ts';
import { waitFor } from './waiting.ts';

const Deployed = Type.Object({
  success: Type.Literal(true),
  message: Type.String(),
  deployment: DeploymentAnswer,
  release: Type.Integer(),
  engine: Type.String({ description: 'that runs the new release' }),
  isolation: Nullable(Isolation, { description: 'null: nothing of it runs' }),
  dropped: Type.Array(Type.String(), { description: 'what was chosen before and is not chosen now: `branch next`' }),
  seq: Type.Integer({ description: 'of deployment.requested' }),
  trace: Type.String({ description: 'of everything that follows: history?trace=…' }),
});
const answers = { 200: Deployed, 202: Deployed };
const waits = 'Waits until the release serves, or answers with the error of the stage that failed.';

/** One way to a release, whoever asks for it. */
export function deploymentWriteRoutes(app: App, { cloud, closing, now }: Surroundings): void {
  app.post(
    '/management/api/deployments',
    {
      schema: {
        ...operation('deployments', 'Deploys an agent; again when something is deployed there.', answers),
        description: waits,
        querystring: Wait,
        body: DeployBody,
      },
    },
    async (request, reply) => {
      const { agent, domain, path, replicas, watch, noCache = false, dev, subPath: _, ...said } = request.body;
      const wish = {
        config: configOf(agent, said),
        noCache,
        ...(replicas == null ? {} : { replicas }),
        ...(watch == null ? {} : { watch }),
        ...(dev === undefined ? {} : { dev }),
      };
      return release(request, reply, parsePlace({ domain, path }), wish, request.query.wait);
    },
  );

  app.post(
    '/management/api/deployments/sync',
    {
      schema: {
        ...operation('deployments', 'Deploys the same once more, at the newest commit of its branch.', answers),
        description: waits,
        querystring: Wait,
        body: SyncBody,
      },
    },
    async (request, reply) => {
      const place = parsePlace(request.body);
      const { noCache = false } = request.body;
      return release(request, reply, place, { config: existing(place).config, noCache }, request.query.wait);
    },
  );

  app.post(
    '/management/api/deployments/update',
    {
      schema: {
        ...operation('deployments', 'Deploys with some changes.', answers),
        description: waits,
        querystring: Wait,
        body: UpdateBody,
      },
    },
    async (request, reply) => {
      const place = parsePlace(request.body);
      const { updates, watch } = request.body;
      const config = withChoices(existing(place).config, updates);
      return release(request, reply, place, { config, ...(watch == null ? {} : { watch }) }, request.query.wait);
    },
  );

  function existing({ domain, path }: { domain: string; path: string }): Deployment {
    const deployment = cloud.views().deployments.get(deploymentId(domain, path));
    if (!deployment || deployment.status === 'removed') {
      throw new PloinkyError('DEPLOYMENT_NOT_FOUND', `Nothing is deployed at ${domain}${path}.`);
    }
    return deployment;
  }

  async function release(
    request: FastifyRequest,
    reply: FastifyReply,
    { domain, path }: { domain: string; path: string },
    wish: {
      readonly config: DeploymentConfig;
      readonly replicas?: number;
      readonly watch?: boolean;
      readonly noCache?: boolean;
      readonly dev?: { readonly machine: string; readonly folder: string };
    },
    wait: boolean | undefined,
  ) {
    const engine = await cloud.chooseEngine();
    const before = cloud.views().deployments.get(deploymentId(domain, path));
    const context = contextOf(request.headers, request.proof, request.trace);
    const events = await cloud.execute({ type: 'deploy', domain, path, engine, ...wish }, context);
    const requested = events.find((event) => event.type === 'deployment.requested');
    if (!requested) throw new Error('a deploy was accepted without deployment.requested');
    const id = deploymentId(domain, path);
    const { release: n, config } = requested.data;
    const chosen = before && before.status !== 'removed' ? droppedChoices(before.config, config) : [];
    const ended = events.some((event) => event.type === 'deployment.watchChanged' && !event.data.watch);
    const dropped = ended && wish.watch === undefined ? [...chosen, 'watch: no push moves a tag or commit'] : chosen;
    const answer = (message: string) => {
      const views = cloud.views();
      const deployment = views.deployments.get(id);
      if (!deployment) throw new Error(`${id} was deployed and is not in the views`);
      const { seq, trace } = requested;
      return {
        success: true as const,
        message,
        deployment: deploymentAnswer(views, deployment, now()),
        release: n,
        engine,
        isolation: runs(views, id, n) ? isolationOf(engine) : null,
        dropped,
        seq,
        trace,
      };
    };
    if (wait === false) return reply.code(202).send(answer(`Release ${n} of ${id} was requested.`));
    const settled = await waitFor(reply, closing, (signal) => cloud.releaseSettled(id, n, signal));
    checkServes(cloud.views(), settled);
    return answer(`Release ${n} serves at ${id}.`);
  }
}

/** Whether anything of a release runs; as long as its source is not known, something may. */
function runs(views: Views, deployment: string, n: number): boolean {
  const release = views.releases.get(releaseId(deployment, n));
  return !release?.source || needsImage(release);
}
