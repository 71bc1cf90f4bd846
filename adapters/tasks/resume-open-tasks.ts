import { errorFromProblem, PloinkyError } from '../../core/errors/ploinky-error.ts';
import { type Recollection, resumeTask } from '../../decisions/resume-task.ts';
import type { Container } from '../../projections/containers.ts';
import type { OpenTask } from '../../projections/tasks.ts';
import { addressOf } from '../agents/agent-address.ts';
import type { World } from '../pipeline/world.ts';
import { conclude } from './conclude.ts';
import type { TaskRunner, TaskStore } from './task-runner.ts';

/**
 * Gives every task that a former run of the server left open its outcome. Those that waited go on waiting, in their
 * order; the others are asked of the agents that got them, side by side. Resolves when all have one.
 */
export async function resumeOpenTasks(world: World, runner: TaskRunner, store: TaskStore): Promise<void> {
  const open = [...world.views.tasks.values()];
  await Promise.all(
    open.map(async (task) => {
      const error = await resume(world, runner, task).catch((error: unknown) => {
        world.logger.error({ err: error, task: task.taskId }, 'a task could not be resumed');
        return new PloinkyError('TASK_OUTCOME_UNKNOWN', 'The server ended while the task was under way.');
      });
      if (!error) return;
      const { taskId, deployment, command, timeoutMs, container } = task;
      const durationMs = Math.max(0, world.now() - Date.parse(task.enqueuedAt));
      const ended = { taskId, deployment, command, timeoutMs, durationMs, started: container !== null };
      await conclude(store, ended, error, { actor: 'system:tasks', cause: task.lastEvent, trace: task.trace });
    }),
  );
}

/** Resolves when the runner has given it its outcome, or with why it cannot have one. */
async function resume(world: World, runner: TaskRunner, open: OpenTask): Promise<PloinkyError | null> {
  const container = open.container === null ? undefined : world.views.containers.get(open.container);
  const recollection = container ? await recall(world, container, open.taskId) : ({ state: 'gone' } as const);
  const next = resumeTask(open, recollection, world.now());
  if (next.kind === 'fail') return errorFromProblem(next.problem);
  // Joining and delivering are the same call: AgentCore never executes an id twice.
  const timeLeftMs = next.kind === 'join' ? open.timeoutMs : next.timeLeftMs;
  await runner.takeUp(open, next.kind === 'wait' ? null : (container as Container), timeLeftMs);
  return null;
}

async function recall(world: World, container: Container, taskId: string): Promise<Recollection> {
  try {
    const address = await addressOf(world, container);
    const transport = world.transports[container.transport ?? 'http'];
    return await transport.lookup(address, taskId, AbortSignal.timeout(5_000));
  } catch {
    return { state: 'gone' };
  }
}
