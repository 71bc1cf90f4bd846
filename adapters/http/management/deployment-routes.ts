import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { deploymentId, parsePath } from '../../../core/names/names.ts';
import { listVolumes } from '../../../decisions/list-volumes.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { PlaceBody, parsePlace } from './deployment-request.ts';
import { DeploymentAnswer, deploymentAnswer, livingDeployments } from './deployment-view.ts';
import { Done, operation, Wait } from './schemas.ts';
import { waitFor } from './waiting.ts';

const Undeployed = Type.Object({
  ...Done.properties,
  volumes: Type.Array(Type.String(), { description: 'that stay, by the names of the manifest' }),
});

/** Which deployments there are, and their end. */
export function deploymentRoutes(app: App, { cloud, closing, now }: Surroundings): void {
  app.get(
    '/management/api/deployments',
    {
      schema: operation('deployments', 'What is deployed where.', {
        200: Type.Object({ deployments: Type.Array(DeploymentAnswer) }),
      }),
    },
    async () => {
      const views = cloud.views();
      return { deployments: livingDeployments(views).map((deployment) => deploymentAnswer(views, deployment, now())) };
    },
  );

  app.delete(
    '/management/api/deployments',
    {
      schema: {
        ...operation('deployments', 'Removes a deployment that the body names.', { 200: Undeployed, 202: Done }),
        querystring: Wait,
        body: PlaceBody,
      },
    },
    async (request, reply) => undeploy(request, reply, request.body, request.query.wait),
  );

  app.delete(
    '/management/api/deployments/:host/*',
    {
      config: { documentedAs: '/management/api/deployments/:host/:path' },
      schema: {
        ...operation('deployments', 'Removes a deployment; the path plain, percent-encoded or in base64.', {
          200: Undeployed,
          202: Done,
        }),
        querystring: Wait,
      },
    },
    async (request, reply) => {
      const { host, '*': rest } = request.params as { host: string; '*': string };
      return undeploy(request, reply, { domain: host, path: plainPath(host, rest) }, request.query.wait);
    },
  );

  app.delete(
    '/management/api/deployments/:host',
    {
      schema: {
        ...operation('deployments', 'Removes the deployment at / of a domain.', { 200: Undeployed, 202: Done }),
        querystring: Wait,
        params: Type.Object({ host: Type.String() }),
      },
    },
    async (request, reply) => {
      return undeploy(request, reply, { domain: request.params.host, path: '/' }, request.query.wait);
    },
  );

  async function undeploy(
    request: FastifyRequest,
    reply: FastifyReply,
    place: { domain: string; path: string },
    wait: boolean | undefined,
  ) {
    const { domain, path } = parsePlace(place);
    const context = contextOf(request.headers, request.proof, request.trace);
    await cloud.execute({ type: 'undeploy', domain, path, reason: null }, context);
    if (wait === false) return reply.code(202).send({ success: true });
    await waitFor(reply, closing, (signal) => cloud.undeploySettled(deploymentId(domain, path), signal));
    const id = deploymentId(domain, path);
    const left = listVolumes(cloud.views()).filter(({ deployment }) => deployment === id);
    return { success: true as const, volumes: [...new Set(left.map(({ volume }) => volume))] };
  }

  /** What is deployed under the text as it is wins over what its base64 reading names. */
  function plainPath(host: string, rest: string): string {
    const { deployments } = cloud.views();
    const at = (path: string) => {
      try {
        return deployments.get(deploymentId(host.toLowerCase(), parsePath(path)));
      } catch {
        return undefined;
      }
    };
    if (at(rest)) return rest;
    const decoded = Buffer.from(rest, 'base64').toString('utf8');
    return decoded.startsWith('/') && at(decoded) ? decoded : rest;
  }
}
