import { Type } from 'typebox';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { FoundTask } from '../../tasks/found-task.ts';
import type { App } from '../fastify-types.ts';
import { callerOf } from '../gateway/call-guard.ts';
import { preferenceOf } from '../gateway/prefer.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { operation } from './schemas.ts';
import { cancelled, knownTask, settledTask, TaskId, TaskView, viewOf } from './task-view.ts';
import { waitFor } from './waiting.ts';

/**
 * The addresses that a call answered with 202 names. Whoever may call the agent may see and take back its tasks, if they know
 * the id, which nobody can guess.
 */
export function clientTaskRoutes(app: App, surroundings: Surroundings): void {
  const { cloud, closing } = surroundings;
  const params = Type.Object({ taskId: TaskId });
  const security = [{}, { apiKey: [] }, { session: [] }, { cookie: [] }];

  app.get(
    '/client/tasks/:taskId',
    {
      config: { open: true },
      schema: {
        ...operation('client', 'What became of a call that was answered with 202.', { 200: TaskView }),
        description:
          'With the header `Prefer: wait=<seconds>` it waits so long for the outcome. A proof is needed only when the ' +
          'setting enableAuth is true, as for calls.',
        security,
        params,
      },
    },
    async (request, reply) => {
      const { taskId } = request.params;
      const found = await knownTask(cloud, taskId);
      callerFor(surroundings, found, request);
      const { waitMs } = preferenceOf(request.headers.prefer);
      if (waitMs === null || found.reply) return viewOf(surroundings, found);
      const settled = await waitFor(reply, closing, (signal) => settledTask(cloud, found, waitMs, signal));
      return viewOf(surroundings, settled);
    },
  );

  app.delete(
    '/client/tasks/:taskId',
    {
      config: { open: true },
      schema: {
        ...operation('client', 'Takes a call back.', { 200: TaskView, 202: TaskView }),
        description: '202: the agent was asked to drop it and has not answered yet; what it answers counts.',
        security,
        params,
      },
    },
    async (request, reply) => {
      const { headers, trace } = request;
      const found = await knownTask(cloud, request.params.taskId);
      const caller = callerFor(surroundings, found, request);
      const after = await cancelled(surroundings, found, contextOf(headers, caller, trace));
      reply.code(after.reply ? 200 : 202);
      return viewOf(surroundings, after);
    },
  );
}

/** As for a call of the deployment. @throws PloinkyError UNAUTHORIZED, FORBIDDEN */
function callerFor(
  surroundings: Surroundings,
  { deployment }: FoundTask,
  { method, headers }: { method: string; headers: Parameters<typeof callerOf>[2] },
) {
  const domain = deployment.slice(0, deployment.indexOf('/'));
  if (domain === '') throw new PloinkyError('INTERNAL', `The deployment ${deployment} has no domain.`);
  return callerOf(surroundings, method, headers, domain);
}
