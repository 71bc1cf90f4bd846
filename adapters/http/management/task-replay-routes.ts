import { Type } from 'typebox';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { compareOutcomes } from '../../../history/compare-outcomes.ts';
import { type Outcome, outcomeOf, recordedTask, whole } from '../../../history/recorded-task.ts';
import type { TaskReply } from '../cloud-port.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { operation } from './schemas.ts';
import { parseDeployment } from './task-routes.ts';

/** What was called before, called again, as a new task. */
export function taskReplayRoutes(app: App, { cloud, now }: Surroundings): void {
  app.post(
    '/management/api/tasks/:taskId/replay',
    {
      schema: {
        ...operation('tasks', 'Calls an agent with the inputs of a past task and compares what comes of it.', {
          200: Type.Object({
            of: Type.String({ description: 'the past task, which stays as it is' }),
            taskId: Type.String({ description: 'of the new one' }),
            release: Type.Union([Type.Integer(), Type.Null()], { description: 'that served when it was called' }),
            verdict: Type.String({ description: 'same, different or failed' }),
            changes: Type.Array(Type.Unknown(), { description: 'places at which the outcomes differ' }),
            past: Type.Unknown({ description: 'outcome of the past task' }),
            again: Type.Unknown({ description: 'outcome of the new one' }),
          }),
        }),
        params: Type.Object({ taskId: Type.String({ pattern: '^[A-Za-z0-9_.:-]{1,200}$' }) }),
        body: Type.Object({
          against: Type.String({ minLength: 1, maxLength: 1_200, description: 'the deployment that is called' }),
        }),
      },
    },
    async (request) => {
      const { taskId } = request.params;
      const deployment = parseDeployment(request.body.against);
      const history = cloud.past();
      const recorded = await recordedTask(history, taskId);
      if (!recorded.end) throw new PloinkyError('TASK_OPEN', `The task ${taskId} has no outcome yet.`);
      const past = outcomeOf(await whole(history, recorded.end));
      const { command, params, runForUserId, timeoutMs } = (await whole(history, recorded.enqueued)).data;
      if (!Array.isArray(params)) throw new PloinkyError('BLOB_MISSING', `The arguments of ${taskId} are no list.`);
      const release = cloud.views().deployments.get(deployment)?.routed ?? null;
      const reply = await cloud.callTask(
        {
          deployment,
          command,
          params,
          runForUserId,
          timeoutMs: Math.min(timeoutMs, cloud.settings().maxTaskTimeout),
          metadata: {
            method: 'POST',
            url: `/${command}`,
            headers: {},
            timestamp: new Date(now()).toISOString(),
            replayOf: taskId,
          },
        },
        contextOf(request.headers, request.proof, request.trace),
      );
      const again = outcomeOfReply(reply);
      const { verdict, changes } = compareOutcomes(past, again);
      return { of: taskId, taskId: reply.taskId, release, verdict, changes: [...changes], past, again };
    },
  );
}

function outcomeOfReply(reply: TaskReply): Outcome {
  if (reply.success) return { success: true, data: reply.data };
  const { code, message, details } = reply.error;
  return { success: false, code, message, details };
}
