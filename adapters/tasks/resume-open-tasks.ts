import { errorFromProblem, PloinkyError } from '../../core/errors/ploinky-error.ts';
import { type Recollection, resumeTask } from '../../decisions/resume-task.ts';
import type { Container } from '../../projections/containers.ts';
import type { OpenTask } from '../../projections/tasks.ts';
import { addressOf, transportOf } from '../agents/agent-address.ts';
import type { World } from '../pipeline/world.ts';
import type { TaskRunner } from './task-runner.ts';

/**
 * Gives every task that a former run of the server left open its outcome. Those that were handed over have their places
 * again at once, and their agents are asked, side by side; those that waited go on waiting behind them, in their order.
 * Resolves when all have an outcome.
 */
export async function resumeOpenTasks(world: World, runner: TaskRunner): Promise<void> {
  const open = [...world.views.tasks.values()].filter(({ taskId }) => runner.underWay(taskId) === undefined);
  const handed = open.filter(({ container }) => container !== null);
  const waiting = open.filter(({ container }) => container === null);
  await Promise.all([
    ...handed.map((task) => {
      const container = world.views.containers.get(task.container as string) ?? null;
      return runner.takeUp(task, container, timeLeft(world, container, task));
    }),
    ...waiting.map((task) => {
      const next = resumeTask(task, { state: 'gone' }, world.now());
      return runner.takeUp(task, null, next.kind === 'wait' ? next.timeLeftMs : 0);
    }),
  ]);
}

/** Milliseconds for the agent that has the task or certainly never got it, or why nothing more can come of it. */
async function timeLeft(world: World, container: Container | null, open: OpenTask): Promise<number | PloinkyError> {
  try {
    const recollection = container ? await recall(world, container, open.taskId) : ({ state: 'gone' } as const);
    const next = resumeTask(open, recollection, world.now());
    if (next.kind === 'fail') return errorFromProblem(next.problem);
    // Joining and delivering are the same call: AgentCore never executes an id twice.
    return next.kind === 'join' ? open.timeoutMs : next.timeLeftMs;
  } catch (error) {
    world.logger.error({ err: error, task: open.taskId }, 'a task could not be resumed');
    return new PloinkyError('TASK_OUTCOME_UNKNOWN', 'The server ended while the task was under way.');
  }
}

async function recall(world: World, container: Container, taskId: string): Promise<Recollection> {
  try {
    const address = await addressOf(world, container);
    const transport = transportOf(world, container);
    return await transport.lookup(address, taskId, AbortSignal.timeout(5_000));
  } catch {
    return { state: 'gone' };
  }
}
