import { type Static, Type } from 'typebox';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { type FoundTask, taskView } from '../../tasks/found-task.ts';
import type { CloudPort, RequestContext } from '../cloud-port.ts';
import type { Surroundings } from '../surroundings.ts';
import { keptUntil } from '../task-address.ts';
import { doneWithin } from '../within.ts';
import { Nullable } from './schemas.ts';

/** Letters, digits, dash and underscore; it may begin with a dash. */
export const TaskId = Type.String({ pattern: '^[A-Za-z0-9_.:-]{1,200}$' });

export const TaskView = Type.Object({
  taskId: Type.String(),
  state: Type.String({ description: 'waiting, running, completed, failed, timedOut or cancelled' }),
  deployment: Type.String(),
  command: Type.String(),
  acceptedAt: Type.String({ description: 'ISO 8601' }),
  endedAt: Nullable(Type.String(), { description: 'null without an outcome' }),
  expires: Nullable(Type.String(), { description: 'kept until then at least; null: for ever' }),
  success: Type.Optional(Type.Boolean({ description: 'with an outcome' })),
  data: Type.Optional(Type.Unknown({ description: 'what the agent answered' })),
  error: Type.Optional(
    Type.Object({
      code: Type.String(),
      message: Type.String(),
      hint: Nullable(Type.String()),
      details: Type.Unknown(),
    }),
  ),
});

/** How long a running agent that is asked to drop a task is waited for. */
const cancelWaitMs = 2_000;

/** @throws PloinkyError TASK_NOT_FOUND */
export async function knownTask(cloud: CloudPort, taskId: string): Promise<FoundTask> {
  const found = await cloud.findTask(taskId);
  if (!found) throw new PloinkyError('TASK_NOT_FOUND', `The log knows no task ${taskId}.`);
  return found;
}

export function viewOf({ cloud }: Surroundings, found: FoundTask): Static<typeof TaskView> {
  const expires = keptUntil(Date.parse(found.acceptedAt), cloud.settings());
  return { ...taskView(found), expires } as Static<typeof TaskView>;
}

/** The task as it is when it has its outcome, or after so many milliseconds, or when the signal aborts. */
export async function settledTask(
  cloud: CloudPort,
  found: FoundTask,
  ms: number,
  signal: AbortSignal,
): Promise<FoundTask> {
  const outcome = cloud.taskUnderWay(found.taskId);
  if (outcome) await doneWithin(outcome, ms, signal);
  return knownTask(cloud, found.taskId);
}

/** @throws PloinkyError TASK_ENDED when it has another outcome already */
export async function cancelled(
  { cloud, closing }: Surroundings,
  found: FoundTask,
  context: RequestContext,
): Promise<FoundTask> {
  const { taskId } = found;
  const outcome = cloud.taskUnderWay(taskId);
  if (await cloud.cancelTask(taskId, context)) {
    if (outcome) await doneWithin(outcome, cancelWaitMs, closing);
    return knownTask(cloud, taskId);
  }
  const now = await knownTask(cloud, taskId);
  if (now.state === 'cancelled') return now;
  if (!now.reply) {
    throw new PloinkyError(
      'TASK_NOT_FOUND',
      `The task ${taskId} is being taken up again and cannot be taken back yet.`,
      {
        hint: 'Try again in a moment.',
      },
    );
  }
  throw new PloinkyError('TASK_ENDED', `The task ${taskId} has its outcome already: ${now.state}.`);
}
