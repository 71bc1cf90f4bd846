import { errorFromProblem, PloinkyError } from '../../core/errors/ploinky-error.ts';
import { type Recollection, resumeTask } from '../../decisions/resume-task.ts';
import type { Container } from '../../projections/containers.ts';
import type { OpenTask } from '../../projections/tasks.ts';
import { addressOf } from '../agents/agent-address.ts';
import type { AgentTask, TaskOutcome } from '../agents/agent-port.ts';
import type { World } from '../pipeline/world.ts';
import { conclude } from './conclude.ts';
import type { TaskRunner, TaskStore } from './task-runner.ts';

/**
 * Gives every task that a former run of the server left open its outcome. Each is asked of the agent that got it,
 * side by side; resolves when all have one.
 */
export async function resumeOpenTasks(world: World, runner: TaskRunner, store: TaskStore): Promise<void> {
  const open = [...world.views.tasks.values()];
  await Promise.all(
    open.map(async (task) => {
      const outcome = await resume(world, runner, store, task).catch((error: unknown) => {
        world.logger.error({ err: error, task: task.taskId }, 'a task could not be resumed');
        return new PloinkyError('TASK_OUTCOME_UNKNOWN', 'The server ended while the task was under way.');
      });
      const { taskId, deployment, command, timeoutMs } = task;
      const durationMs = Math.max(0, world.now() - Date.parse(task.enqueuedAt));
      const ended = { taskId, deployment, command, timeoutMs, durationMs };
      await conclude(store, ended, outcome, { actor: 'system:tasks', cause: task.lastEvent, trace: task.trace });
    }),
  );
}

async function resume(
  world: World,
  runner: TaskRunner,
  store: TaskStore,
  open: OpenTask,
): Promise<TaskOutcome | PloinkyError> {
  const container = world.views.containers.get(open.container);
  const recollection = container ? await recall(world, container, open.taskId) : ({ state: 'gone' } as const);
  const next = resumeTask(open, recollection, world.now());
  if (next.kind === 'fail') return errorFromProblem(next.problem);
  const { taskId, command, runForUserId, timeoutMs } = open;
  const task: AgentTask = {
    id: taskId,
    command,
    params: await store.paramsOf(open),
    runForUserId,
    timeoutMs,
    metadata: {},
  };
  // Joining and delivering are the same call: AgentCore never executes an id twice.
  return runner.deliver(container as Container, task);
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
