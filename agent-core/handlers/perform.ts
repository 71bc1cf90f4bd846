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

/** Runs the handler of a task. Whatever the handler does becomes an outcome; never rejects. */
export async function perform(performing: Performing, run: TaskRun): Promise<Outcome> {
  const { command, params, runForUserId } = run.task;
  const handler = await find(performing, command);
  if ('success' in handler) return handler;
  if (run.ended) return failed('TASK_CANCELLED', 'The task ended before its handler was found.');
  const given = performing.userFirst && runForUserId !== null ? [runForUserId, ...params] : params;
  if (handler.kind === 'program') return runAsProgram(performing, run, handler.program, given);
  try {
    return succeeded(command, await inTask(run, () => handler.call(given)));
  } catch (error) {
    // The stack is for the agent's own output; callers get it only when debugging was asked for.
    process.stderr.write(`${command} threw: ${stackOf(error)}\n`);
    return threw(command, error, performing.debug);
  }
}

async function find({ handlers }: Performing, command: string): Promise<Handler | Outcome> {
  try {
    const handler = await handlers.find(command);
    return handler ?? failed('COMMAND_NOT_FOUND', `The agent has no command ${JSON.stringify(command.slice(0, 100))}.`);
  } catch (error) {
    if (error instanceof ModuleBroken) return failed('HANDLER_FAILED', error.message);
    return threw(command, error, false);
  }
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
