import { isUtf8 } from 'node:buffer';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { errorReply, isDefect } from '../error-reply.ts';
import type { Surroundings } from '../surroundings.ts';
import { logRequest } from '../traffic/request-log.ts';
import { answerCall, type CallTarget, textOf } from './agent-calls.ts';
import { callerOf } from './call-guard.ts';
import { notFoundPage, wantsHtml } from './not-found-page.ts';
import { domainOf, longestPrefix, segmentsOf } from './route-path.ts';
import { sendStatic } from './send-static.ts';

/** A call, an address that nothing is deployed at, or the bare `/`. */
type Destination =
  | { readonly call: CallTarget }
  | { readonly domain: string; readonly segments: readonly string[] }
  | 'home';

const callMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const allow = [...callMethods, 'HEAD', 'OPTIONS'].join(', ');

/**
 * Agents by host and path, then static files; ready to answer. Few hooks and no schemas: every call passes here.
 */
export async function gatewayApp(surroundings: Surroundings): Promise<FastifyInstance> {
  const { limits, logger, traffic } = surroundings;
  const app = fastify({
    logger: false,
    bodyLimit: limits.bodyLimitBytes,
    exposeHeadRoutes: false,
    frameworkErrors: (error, request, reply) => fail(surroundings, error, request, reply),
  });
  app.decorateRequest('began', 0);
  app.decorateRequest('destination', null);

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      const encoding = request.headers['content-encoding'];
      if (encoding !== undefined && encoding !== 'identity') {
        throw new PloinkyError('UNSUPPORTED_MEDIA_TYPE', 'A compressed body cannot be read here.');
      }
      done(null, textOf(body as Buffer, isUtf8));
    } catch (error) {
      done(error as Error);
    }
  });

  app.addHook('onRequest', (request, _reply, done) => {
    request.began = performance.now();
    request.destination = destinationOf(surroundings, request);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const duration = performance.now() - request.began;
    traffic.record(reply.statusCode, duration);
    logRequest(logger, request.raw, { statusCode: reply.statusCode, duration });
    done();
  });
  app.setErrorHandler((error, request, reply) => fail(surroundings, error, request, reply));

  app.route({
    method: [...callMethods, 'HEAD', 'OPTIONS'],
    url: '/*',
    handler: (request, reply) => {
      const destination = request.destination as Destination;
      if (destination === 'home') return reply.redirect('/management', 302);
      reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
      if ('call' in destination) {
        // Neither of the two is a call: nothing runs, and nothing is promised about what would.
        if (request.method === 'HEAD') return reply.code(200).header('content-type', 'application/json').send();
        if (request.method === 'OPTIONS') return reply.code(204).header('allow', allow).send();
        return answerCall(surroundings, destination.call, request, reply);
      }
      return answerStatic(surroundings, destination, request, reply);
    },
  });
  app.setNotFoundHandler(() => {
    throw new PloinkyError('METHOD_NOT_ALLOWED', 'This method is not possible here.', {
      details: { allow: allow.split(', ') },
    });
  });
  await app.ready();
  return app;
}

/** @throws PloinkyError whatever keeps a request out, before its body is read */
function destinationOf(surroundings: Surroundings, request: FastifyRequest): Destination {
  const { cloud } = surroundings;
  const { url = '/', method = 'GET', headers } = request.raw;
  const question = url.indexOf('?');
  const domain = domainOf(headers.host);
  const segments = segmentsOf(question < 0 ? url : url.slice(0, question));
  const home = segments.length === 0 && (method === 'GET' || method === 'HEAD');
  if (home && cloud.phase() === 'uninitialized') return 'home';
  const views = cloud.views();
  const served = views.domains.get(domain)?.enabled === true;
  const match = served
    ? longestPrefix(domain, segments, (id) => {
        const deployment = views.deployments.get(id);
        return deployment && deployment.status !== 'removed' ? deployment : undefined;
      })
    : undefined;
  if (match) {
    const caller = callerOf(surroundings, method, headers, domain);
    const query = question < 0 ? '' : url.slice(question + 1);
    return { call: { deployment: match.found, rest: match.rest, query, caller } };
  }
  if (home) return 'home';
  if (!served) throw notServed(domain, views.domains.has(domain));
  return { domain, segments };
}

function notServed(domain: string, known: boolean): PloinkyError {
  if (!known) return new PloinkyError('DOMAIN_NOT_FOUND', `The domain ${domain} is not served here.`);
  return new PloinkyError('DOMAIN_NOT_FOUND', `The domain ${domain} is disabled.`, {
    hint: `Serve it again with \`p-cli cloud host enable ${domain}\`.`,
  });
}

async function answerStatic(
  surroundings: Surroundings,
  { domain, segments }: { domain: string; segments: readonly string[] },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const path = (request.raw.url ?? '/').split('?', 1)[0] as string;
  const sent = await sendStatic(surroundings.staticFolder, domain, segments, path.endsWith('/'), request, reply);
  if (sent) return sent;
  // With enableAuth whoever proves nothing does not learn what is here and what is not.
  callerOf(surroundings, request.method, request.headers, domain);
  throw new PloinkyError('DEPLOYMENT_NOT_FOUND', `Nothing is deployed at ${domain}${shownPath(segments)}.`);
}

function shownPath(segments: readonly string[]): string {
  const path = `/${segments.join('/')}`;
  return path.length > 100 ? `${path.slice(0, 97)}...` : path;
}

function fail({ logger }: Surroundings, error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (isDefect(error)) logger.error({ err: error }, 'request failed');
  const { status, headers, body } = errorReply(error);
  reply.code(status).headers(headers);
  reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
  if (status === 405) reply.header('allow', allow);
  if (status === 404 && request.method === 'GET' && wantsHtml(request.headers)) {
    reply.header('content-security-policy', "default-src 'none'").type('text/html; charset=utf-8');
    void reply.send(notFoundPage(body.message, body.error.hint));
    return;
  }
  void reply.type('application/json; charset=utf-8').send(JSON.stringify(body));
}
