import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { errorFile, outputFile } from './process-output.ts';
import { toldToEnd } from './told-to-end.ts';

const shim = fileURLToPath(new URL('shim.sh', import.meta.url));
/** Of the shim, when the folder is not, or no longer, there for it. */
const tooLate = 97;

export interface Launch {
  readonly name: string;
  /** That of the process, see `ProcessRecord`. */
  readonly folder: string;
  readonly startId: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** 0 to 1000, see `UsualLimits`; null = that of the server. */
  readonly oomScoreAdj: number | null;
  /** Whether stderr has a file of its own; else the order of all lines is kept. */
  readonly parted: boolean;
  /** Ends what has not begun yet. */
  readonly signal: AbortSignal;
}

/**
 * Resolves when the program has begun, and is then independent of this server.
 * @throws PloinkyError START_FAILED
 */
export async function launch(wanted: Launch): Promise<void> {
  const { name, folder, startId, command, environment, workingDirectory, oomScoreAdj, parted, signal } = wanted;
  const told = toldToEnd(command);
  const output = await open(outputFile(folder), 'a', 0o600);
  const errors = parted ? await open(errorFile(folder), 'a', 0o600) : output;
  let begun: Promise<void>;
  let giveUp = () => {};
  try {
    const child = spawn('/bin/sh', [shim, startId, workingDirectory, String(oomScoreAdj ?? ''), ...told], {
      cwd: folder,
      env: environment,
      // A session of its own: a signal for the server's group does not reach it, and it can be ended as a group.
      detached: true,
      stdio: ['ignore', output.fd, errors.fd, 'pipe'],
    });
    child.unref();
    giveUp = () => child.kill('SIGKILL');
    signal.addEventListener('abort', giveUp, { once: true });
    begun = hasBegun(child, name);
    begun.catch(() => undefined);
  } catch {
    // Node's own words would repeat the value, which may be a secret.
    const what = 'an argument or a value of its environment holds something that no process can be given';
    throw new PloinkyError('START_FAILED', `${name} could not be started: ${what}.`);
  } finally {
    await output.close();
    if (errors !== output) await errors.close();
  }
  await begun.finally(() => signal.removeEventListener('abort', giveUp));
}

/** Listens from its first moment on: a program may have ended before the next turn, and tells only once. */
async function hasBegun(child: ChildProcess, name: string): Promise<void> {
  const ended = once(child, 'exit');
  // Rejects where the child cannot be made at all.
  ended.catch(() => undefined);
  if (child.pid !== undefined && (await saysReady(child.stdio[3] as Readable))) return;
  const [code, signal] = (await ended.catch((cause: unknown) => {
    throw new PloinkyError('START_FAILED', `${name} could not be started: ${(cause as Error).message}.`, { cause });
  })) as [number | null, string | null];
  const how = code === tooLate ? 'another request took its place' : `its shell ended with ${code ?? signal}`;
  throw new PloinkyError('START_FAILED', `${name} could not be started: ${how}.`);
}

/** A dot before the end: the program has begun, however soon it ends. */
function saysReady(pipe: Readable): Promise<boolean> {
  return new Promise((resolve) => {
    pipe.once('data', () => resolve(true));
    pipe.once('close', () => resolve(false));
    // Then it closes, and the exit tells more.
    pipe.once('error', () => undefined);
  });
}
