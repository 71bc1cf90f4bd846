import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyReply } from 'fastify';
import { nanoid } from 'nanoid';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { errorReply, isDefect, methodNotAllowed } from '../error-reply.ts';
import type { App } from '../fastify-types.ts';

import type { Surroundings } from '../surroundings.ts';
import { logRequest } from '../traffic/request-log.ts';
import { validatorCompiler } from '../validation.ts';
import { agentRoutes } from './agent-routes.ts';
import { archiveRoutes } from './archive-routes.ts';
import { authRoutes } from './auth-routes.ts';
import { readBodies } from './bodies.ts';
import { clientRoutes } from './client-routes.ts';
import { clientTaskRoutes } from './client-task-routes.ts';
import { configRoutes } from './config-routes.ts';
import { containerLogRoutes } from './container-log-routes.ts';
import { deploymentRoutes } from './deployment-routes.ts';
import { deploymentScaleRoutes } from './deployment-scale-routes.ts';
import { deploymentWatchRoutes } from './deployment-watch-routes.ts';
import { deploymentWriteRoutes } from './deployment-write-routes.ts';
import { devRoutes } from './dev-routes.ts';
import { domainRoutes } from './domain-routes.ts';
import { guard } from './guard.ts';
import { healthRoutes } from './health-routes.ts';
import { historyRoutes } from './history-routes.ts';
import { initRoutes } from './init-routes.ts';
import { installRoutes } from './install-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { logRoutes } from './log-routes.ts';
import { MethodTable } from './method-table.ts';
import { metricsRoutes } from './metrics-routes.ts';
import { openApiRoutes } from './openapi-routes.ts';
import { overviewRoutes } from './overview-routes.ts';
import { answerPage, isPage, pageRoutes } from './page-routes.ts';
import { pastRoutes } from './past-routes.ts';
import { pruneRoutes } from './prune-routes.ts';
import { repositoryRoutes } from './repository-routes.ts';
import { repositorySyncRoutes } from './repository-sync-routes.ts';
import { retentionRoutes } from './retention-routes.ts';
import { rollbackRoutes } from './rollback-routes.ts';
import { sampleRoutes } from './sample-routes.ts';
import { secretRoutes } from './secret-routes.ts';
import { stateRoutes } from './state-routes.ts';
import { taskReplayRoutes } from './task-replay-routes.ts';
import { taskRoutes } from './task-routes.ts';
import { undoRoutes } from './undo-routes.ts';
import { volumeRoutes } from './volume-routes.ts';
import { webhookRoutes } from './webhook-routes.ts';

/** Every group of routes, in the order of the OpenAPI document. */
const routeGroups = [
  initRoutes,
  authRoutes,
  overviewRoutes,
  configRoutes,
  keyRoutes,
  domainRoutes,
  repositoryRoutes,
  repositorySyncRoutes,
  webhookRoutes,
  devRoutes,
  agentRoutes,
  deploymentRoutes,
  deploymentWriteRoutes,
  deploymentScaleRoutes,
  deploymentWatchRoutes,
  rollbackRoutes,
  installRoutes,
  pruneRoutes,
  undoRoutes,
  volumeRoutes,
  secretRoutes,
  taskRoutes,
  taskReplayRoutes,
  historyRoutes,
  stateRoutes,
  pastRoutes,
  archiveRoutes,
  retentionRoutes,
  logRoutes,
  containerLogRoutes,
  sampleRoutes,
  metricsRoutes,
  healthRoutes,
  openApiRoutes,
  pageRoutes,
  clientTaskRoutes,
  clientRoutes,
];

/**
 * Management API and page, login, client files, health and metrics; ready to answer. `prepare` may add what has to
 * see the routes being added.
 */
export async function managementApp(
  surroundings: Surroundings,
  prepare: (app: App) => PromiseLike<unknown> = async () => {},
): Promise<App> {
  const { limits, logger, traffic } = surroundings;
  const app = fastify({
    logger: false,
    bodyLimit: limits.bodyLimitBytes,
    routerOptions: { maxParamLength: 4000 },
    frameworkErrors: (error, _request, reply) => sendError(error, reply as FastifyReply),
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  // Answers are built by our own code; compiling a serializer for each would only make starting slow.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.decorateRequest('began', 0);
  app.decorateRequest('trace', '');
  app.decorateRequest('proof', null);

  readBodies(app);

  const methods = new MethodTable();
  await prepare(app);
  app.addHook('onRoute', (route) => methods.add(route.url, route.method, route.config?.open === true));
  app.addHook('onRequest', (request, reply, done) => {
    request.began = performance.now();
    request.trace = nanoid();
    reply.headers({ ...commonHeaders, 'x-trace-id': request.trace });
    done();
  });
  app.addHook('onRequest', guard(surroundings, methods));
  app.addHook('onResponse', (request, reply, done) => {
    const duration = performance.now() - request.began;
    traffic.record(reply.statusCode, duration);
    logRequest(logger, request.raw, { statusCode: reply.statusCode, duration, trace: request.trace });
    done();
  });
  app.setErrorHandler((error, request, reply) => {
    if (isDefect(error)) logger.error({ err: error, trace: request.trace }, 'request failed');
    sendError(error, reply as FastifyReply);
  });
  app.setNotFoundHandler((request, reply) => {
    const allow = methods.allowed(request.url);
    if (allow.length > 0) throw methodNotAllowed(request.method, allow);
    if (isPage(request)) return answerPage(surroundings, request, reply as FastifyReply);
    throw new PloinkyError('NOT_FOUND', 'There is nothing at this address of the management interface.');
  });
  for (const routes of routeGroups) routes(app, surroundings);
  await app.ready();
  return app;
}

const commonHeaders = {
  'x-content-type-options': 'nosniff',
  // With no-referrer a browser calls the origin of our own forms null, as it does that of strangers.
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
};

function sendError(error: unknown, reply: FastifyReply): void {
  const { status, headers, body } = errorReply(error);
  const allow = (body.error.details as { allow?: string[] } | undefined)?.allow;
  if (status === 405 && allow) reply.header('allow', allow.join(', '));
  reply.code(status).headers({ ...commonHeaders, ...headers });
  void reply.type('application/json; charset=utf-8').send(body);
}
