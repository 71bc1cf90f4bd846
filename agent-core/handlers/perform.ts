import { failed, firstLine, type Outcome, succeeded, threw } from '../outcome.ts';
import type { TaskRun } from '../task-run.ts';
import { ModuleBroken } from './exported-functions.ts';
import type { Handler, Program } from './handler.ts';
import type { Handlers } from './handlers.ts';
import { notStarted, programOutcome } from './program-outcome.ts';
import type { ProgramSlots } from './program-slots.ts';
import { runProgram } from './run-program.ts';
import { inTask } from './task-context.ts';

export interface Performing {
  readonly handlers: Handlers;
  readonly slots: ProgramSlots;
  readonly codeDir: string;
  readonly userFirst: boolean;
  readonly debug: boolean;
}

/**
 * Runs the handler of a task. Whatever the handler does becomes an outcome, at once where it returns one; neither throws nor
 * rejects.
 */
export function perform(performing: Performing, run: TaskRun): Outcome | Promise<Outcome> {
  const { command } = run.task;
  try {
    const handler = performing.handlers.find(command);
    if (!(handler instanceof Promise)) return performWith(performing, run, handler);
    return handler.then(
      (found) => performWith(performing, run, found),
      (error: unknown) => unusable(command, error),
    );
  } catch (error) {
    return unusable(command, error);
  }
}

function performWith(performing: Performing, run: TaskRun, handler: Handler | null): Outcome | Promise<Outcome> {
  const { command, params, runForUserId } = run.task;
  if (handler === null) {
    return failed('COMMAND_NOT_FOUND', `The agent has no command ${JSON.stringify(command.slice(0, 100))}.`);
  }
  if (run.ended) return failed('TASK_CANCELLED', 'The task ended before its handler was found.');
  const given = performing.userFirst && runForUserId !== null ? [runForUserId, ...params] : params;
  if (handler.kind === 'program') return runAsProgram(performing, run, handler.program, given);
  try {
    const returned = inTask(run, () => handler.call(given));
    return isThenable(returned) ? settled(performing, command, returned) : succeeded(command, returned);
  } catch (error) {
    return thrown(performing, command, error);
  }
}

async function settled(performing: Performing, command: string, returned: PromiseLike<unknown>): Promise<Outcome> {
  try {
    return succeeded(command, await returned);
  } catch (error) {
    return thrown(performing, command, error);
  }
}

function thrown({ debug }: Performing, command: string, error: unknown): Outcome {
  // The stack is for the agent's own output; callers get it only when debugging was asked for.
  process.stderr.write(`${command} threw: ${stackOf(error)}\n`);
  return threw(command, error, debug);
}

function unusable(command: string, error: unknown): Outcome {
  if (error instanceof ModuleBroken) return failed('HANDLER_FAILED', error.message);
  return threw(command, error, false);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return typeof (value as { then?: unknown }).then === 'function';
}

async function runAsProgram(
  performing: Performing,
  run: TaskRun,
  program: Program,
  params: readonly unknown[],
): Promise<Outcome> {
  const { id, command, runForUserId } = run.task;
  const env = { ...process.env, TASK_ID: id, TASK_COMMAND: command, RUN_FOR_USER_ID: runForUserId ?? '' };
  return performing.slots.use(async () => {
    // Its time may have been up while it waited for a slot.
    if (run.ended) return failed('TASK_CANCELLED', 'The task ended before it was started.');
    const onStart = (stop: () => void) => {
      run.onStop = stop;
    };
    try {
      const surroundings = { cwd: performing.codeDir, env, onStart };
      return programOutcome(command, await runProgram(program, params.map(asArgument), surroundings));
    } catch (error) {
      return notStarted(command, error);
    }
  });
}

function stackOf(error: unknown): string {
  return (error instanceof Error ? error.stack : null) ?? firstLine(error);
}

/** Strings as they are, everything else as JSON. */
function asArgument(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
