import { type ChildProcess, spawn } from 'node:child_process';
import type { Program } from './handler.ts';
import { OutputBuffer } from './output-buffer.ts';

export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: OutputBuffer;
  readonly stderr: OutputBuffer;
}

export interface ProgramSurroundings {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Called with the way to end the program and all that it started. */
  readonly onStart: (stop: () => void) => void;
}

/** A result is read whole, error details only to their last part. */
export const stdoutLimit = 16 * 1024 * 1024;
const detailLimit = 64 * 1024;
/** From SIGTERM to SIGKILL. */
const killAfterMs = 5_000;
/** How long a pipe may stay silent after its program ended: a grandchild that inherited it holds it open. */
const drainMs = 250;

const running = new Set<ChildProcess>();

/** Ends all programs at once; for the end of AgentCore itself. */
export function killAllPrograms(): void {
  for (const child of running) signalGroup(child, 'SIGKILL');
}

/**
 * Runs a program to its end, in a process group of its own. Parameters are arguments and pass through no shell.
 * Rejects only when it cannot be started at all.
 */
export function runProgram(
  program: Program,
  params: readonly string[],
  surroundings: ProgramSurroundings,
): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const { cwd, env, onStart } = surroundings;
    const stdout = new OutputBuffer(stdoutLimit, detailLimit);
    const stderr = new OutputBuffer(0, detailLimit);
    // Throws for arguments that are too long or hold a NUL.
    const child = spawn(program.file, [...program.args, ...params], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      running.delete(child);
      const cannot = error.code === 'ENOENT' || error.code === 'EACCES' || error.code === 'ENOEXEC';
      if (child.pid === undefined && cannot && program.otherwise) {
        resolve(runProgram(program.otherwise, params, surroundings));
      } else reject(error);
    });
    if (child.pid === undefined) return;
    running.add(child);
    const stop = () => stopGroup(child);
    child.stdout.on('data', (chunk: Buffer) => {
      stdout.push(chunk);
      if (stdout.overflowed) stop();
    });
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.once('exit', () => {
      running.delete(child);
      endWhenSilent(child);
    });
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    onStart(stop);
  });
}

/**
 * Closes the pipes of an ended program once nothing has come for a while. The clock alone does not tell: on a busy
 * machine the time can be up before what the program wrote was read, so after each pause the loop reads once more.
 */
function endWhenSilent(child: ChildProcess): void {
  let heard = false;
  const hear = () => {
    heard = true;
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  let timer = setTimeout(look, drainMs);
  child.once('close', () => clearTimeout(timer));

  function look(): void {
    heard = false;
    setImmediate(() =>
      setImmediate(() => {
        if (heard) {
          timer = setTimeout(look, drainMs);
          return;
        }
        child.stdout?.destroy();
        child.stderr?.destroy();
      }),
    );
  }
}

function stopGroup(child: ChildProcess): void {
  signalGroup(child, 'SIGTERM');
  setTimeout(() => signalGroup(child, 'SIGKILL'), killAfterMs).unref();
}

/** The whole group, also when its leader ended already and left others behind. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}
