import type { FastifyReply, FastifyRequest } from 'fastify';
import { isPloinkyError, PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { identify, type Proof } from '../auth/identify.ts';
import type { App } from '../fastify-types.ts';
import { sendPage } from '../pages/layout.ts';
import { loginPage, notInitializedPage } from '../pages/login-page.ts';
import { overviewPage } from '../pages/overview-page.ts';
import type { Surroundings } from '../surroundings.ts';
import { logIn, signOut } from './auth-routes.ts';
import { deploymentAnswer, livingDeployments } from './deployment-view.ts';

const shownEvents = 30;
const landing = '/management/landingPage.html';

/** The page for people: login, then an overview. */
export function pageRoutes(app: App, surroundings: Surroundings): void {
  const { cloud } = surroundings;
  const options = { config: { open: true }, schema: { hide: true } };

  for (const url of ['/management', '/management/', landing]) {
    app.get(url, options, (request, reply) => showPage(surroundings, request, reply));
  }

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
  const { serverName } = cloud.settings();
  if (!prove(surroundings, request)) return sendPage(reply, serverName, loginPage(serverName, null));
  const views = cloud.views();
  const events = [];
  for await (const event of cloud.read({ reverse: true, limit: shownEvents })) events.push(event);
  const overview = {
    serverName,
    version: cloud.version,
    uptimeMs: Math.max(0, now() - Date.parse(cloud.startedAt)),
    headSeq: cloud.head().seq,
    deployments: livingDeployments(views).map((deployment) => deploymentAnswer(views, deployment, now())),
    events,
  };
  return sendPage(reply, serverName, overviewPage(overview));
}

function prove({ cloud, now }: Surroundings, request: FastifyRequest): Proof | null {
  return cloud.phase() === 'uninitialized' ? null : identify(request.headers, cloud.views(), now());
}
