import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { deploymentId } from '../../../core/names/names.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { parsePlace } from './deployment-request.ts';
import { operation, Text } from './schemas.ts';
import { cancelled, knownTask, TaskId, TaskView, viewOf } from './task-view.ts';

export function taskRoutes(app: App, surroundings: Surroundings): void {
  const { cloud } = surroundings;
  const params = Type.Object({ taskId: TaskId });
  app.get(
    '/management/api/tasks/:taskId',
    { schema: { ...operation('tasks', 'What became of a call.', { 200: TaskView }), params } },
    async (request) => viewOf(surroundings, await knownTask(cloud, request.params.taskId)),
  );

  const cancel = {
    schema: {
      ...operation('tasks', 'Takes a call back.', { 200: TaskView, 202: TaskView }),
      description:
        'One that waits ends at once. For one that runs the agent is asked to drop it, and what it answers counts; ' +
        '202: it has not answered yet.',
      params,
    },
  };
  const cancelTask = async (request: FastifyRequest<{ Params: { taskId: string } }>, reply: FastifyReply) => {
    const found = await knownTask(cloud, request.params.taskId);
    const after = await cancelled(surroundings, found, contextOf(request.headers, request.proof, request.trace));
    reply.code(after.reply ? 200 : 202);
    return viewOf(surroundings, after);
  };
  app.delete('/management/api/tasks/:taskId', cancel, cancelTask as never);
  app.post('/management/api/tasks/:taskId/cancel', cancel, cancelTask as never);

  app.get(
    '/management/api/output',
    {
      schema: {
        ...operation('tasks', 'The last lines that a deployment wrote.', {
          200: Text('text/plain'),
        }),
        description:
          'Of its container; where there is none, of the install step, with the reason why the release failed.',
        querystring: Type.Object({
          deployment: Type.String({ minLength: 1, maxLength: 1200, description: 'for example localhost/demo' }),
          lines: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000, default: 100 })),
          release: Type.Optional(
            Type.Integer({
              minimum: 1,
              description: 'default: the one that serves, else the newest that is being made, else the newest',
            }),
          ),
        }),
      },
    },
    async (request, reply) => {
      const { deployment, lines = 100, release } = request.query;
      const id = parseDeployment(deployment);
      const known = cloud.views().deployments.get(id);
      if (!known || known.status === 'removed') {
        throw new PloinkyError('DEPLOYMENT_NOT_FOUND', `Nothing is deployed at ${id}.`);
      }
      reply.type('text/plain; charset=utf-8');
      return cloud.output(id, lines, release);
    },
  );

  app.post(
    '/management/api/stopAndDeleteAll',
    {
      schema: operation('deployments', 'Removes every deployment and container of this cloud.', {
        200: Type.Object({
          success: Type.Boolean(),
          runtime: Type.String(),
          removed: Type.Array(Type.String()),
          errors: Type.Array(Type.Object({ containerName: Type.String(), error: Type.String() })),
        }),
      }),
    },
    async (request) => {
      const context = contextOf(request.headers, request.proof, request.trace);
      const { removed, errors } = await cloud.destroyAll(context);
      return { success: errors.length === 0, runtime: cloud.settings().engine, removed, errors };
    },
  );
}

/** `/demo` means the one on localhost. @throws PloinkyError INVALID_NAME */
export function parseDeployment(text: string): string {
  const slash = text.indexOf('/');
  const domain = slash <= 0 ? (slash === 0 ? 'localhost' : text) : text.slice(0, slash);
  const { domain: host, path } = parsePlace({ domain, path: slash < 0 ? '/' : text.slice(slash) });
  return deploymentId(host, path);
}
