import type { FastifyReply, FastifyRequest } from 'fastify';
import { isPloinkyError, PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { identify, type Proof } from '../auth/identify.ts';
import type { App } from '../fastify-types.ts';
import { html } from '../pages/html.ts';
import { sendLivePage, sendPage } from '../pages/layout.ts';
import { deploymentPath } from '../pages/links.ts';
import { loginPage, notInitializedPage } from '../pages/login-page.ts';
import type { Surroundings } from '../surroundings.ts';
import { logIn, signOut } from './auth-routes.ts';
import { deploymentContent, overviewContent } from './page-content.ts';
import { parseDeployment } from './task-routes.ts';

const landing = '/management/landingPage.html';

/** The pages for people: login, an overview, and one for each deployment. */
export function pageRoutes(app: App, surroundings: Surroundings): void {
  const { cloud } = surroundings;
  const options = { config: { open: true }, schema: { hide: true } };

  for (const url of ['/management', '/management/', landing]) {
    app.get(url, options, (request, reply) => showPage(surroundings, request, reply));
  }

  app.get(deploymentPath, options, async (request, reply) => {
    if (!prove(surroundings, request)) return showPage(surroundings, request, reply);
    const { of } = request.query as { of?: unknown };
    const id = typeof of === 'string' ? parseDeployment(of) : '';
    const deployment = cloud.views().deployments.get(id);
    const { serverName, 'metrics.sampleEveryMs': everyMs } = cloud.settings();
    const layout = { serverName, title: `${id} – ${serverName}`, everyMs };
    if (!deployment || deployment.status === 'removed') {
      const nothing = html`<h2>Nothing is deployed at ${id}</h2><p><a href="/management">All deployments</a></p>`;
      return sendLivePage(reply.code(404), layout, nothing);
    }
    return sendLivePage(reply, layout, await deploymentContent(cloud, deployment, surroundings.now()));
  });

  app.post('/management/login', options, async (request, reply) => {
    const apiKey = (request.body as { apiKey?: unknown } | undefined)?.apiKey;
    try {
      await logIn(surroundings, request, reply, apiKey, '/management/login');
    } catch (error) {
      if (!isPloinkyError(error) || error.status >= 500) throw error;
      const wait = (error.details as { retryAfterSeconds?: number } | null)?.retryAfterSeconds;
      if (wait !== undefined) reply.header('retry-after', wait);
      return sendPage(reply.code(error.status), 'Login', loginPage(cloud.settings().serverName, error.message));
    }
    return reply.redirect(landing, 303);
  });

  app.post('/management/logout', options, async (request, reply) => {
    await signOut(surroundings, request, reply);
    return reply.redirect('/management', 303);
  });
}

/** An address that a person may have typed, rather than a part of the API. */
export function isPage({ method, url }: FastifyRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && /^\/management(?:$|[/?])/.test(url) && !isApi(url);
}

function isApi(url: string): boolean {
  return /^\/management\/api(?:$|[/?])/.test(url);
}

/** For pages that do not exist: whoever is not logged in learns nothing about which ones do. */
export async function answerPage(
  surroundings: Surroundings,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (prove(surroundings, request)) throw new PloinkyError('NOT_FOUND', 'There is no such page.');
  return showPage(surroundings, request, reply.code(401));
}

async function showPage(
  surroundings: Surroundings,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { cloud, now } = surroundings;
  if (cloud.phase() === 'uninitialized') return sendPage(reply, 'Ploinky', notInitializedPage());
  const { serverName, 'metrics.sampleEveryMs': everyMs } = cloud.settings();
  if (!prove(surroundings, request)) return sendPage(reply, serverName, loginPage(serverName, null));
  return sendLivePage(reply, { serverName, title: serverName, everyMs }, await overviewContent(cloud, now()));
}

function prove({ cloud, now }: Surroundings, request: FastifyRequest): Proof | null {
  return cloud.phase() === 'uninitialized' ? null : identify(request.headers, cloud.views(), now());
}
