import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { ExecOptions, ExecOutcome } from '../engine/engine-port.ts';
import { TextTail } from '../engine/text-tail.ts';
import { mapPaths } from './map-paths.ts';
import type { ProcessState } from './process-folder.ts';
import { send } from './process-identity.ts';

/** Of what the command says. */
const outputBytes = 4 * 1024;

/**
 * Runs a command as the program of a process was begun: with its variables, which only the kernel keeps, and in its folder.
 * @throws PloinkyError ENGINE_FAILED where the system does not tell the variables of a process
 */
export async function execBeside(
  { record, identity }: ProcessState,
  command: string,
  { timeoutMs, signal }: ExecOptions,
): Promise<ExecOutcome | null> {
  if (identity === null) return null;
  const variables = await readFile(`/proc/${identity.pid}/environ`, 'utf8').catch(() => null);
  if (variables === null) {
    throw new PloinkyError(
      'ENGINE_FAILED',
      `No command can be run beside ${record.name}: its variables cannot be read.`,
    );
  }
  const environment = Object.fromEntries(
    variables.split('\0').flatMap((entry) => {
      const at = entry.indexOf('=');
      return at < 1 ? [] : [[entry.slice(0, at), entry.slice(at + 1)]];
    }),
  );
  const mounts = (record.mounts ?? []).map((mount) => ({ ...mount, kind: 'bind' as const, readOnly: false }));
  const wanted = { command: ['sh', '-c', command], environment: {}, workingDirectory: '/', mounts };
  const [, ...args] = mapPaths(wanted, ({ source }) => source).command;
  return run(args, { cwd: record.workingDirectory ?? '/', env: environment, timeoutMs, signal });
}

interface Surroundings extends ExecOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

function run(args: readonly string[], { cwd, env, timeoutMs, signal }: Surroundings): Promise<ExecOutcome> {
  return new Promise((resolve) => {
    // A group of its own, so that it can be ended with all that it began.
    const child = spawn('/bin/sh', args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const tail = new TextTail(outputBytes);
    let intime = true;
    const end = () => {
      intime = false;
      if (child.pid !== undefined) send(-child.pid, 'SIGKILL');
    };
    const timer = setTimeout(end, timeoutMs);
    signal.addEventListener('abort', end, { once: true });
    for (const stream of [child.stdout, child.stderr]) {
      const decoder = new StringDecoder('utf8');
      stream.on('data', (bytes: Buffer) => tail.push(decoder.write(bytes)));
    }
    const finish = (exitCode: number | null) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      // What it left running would add up with each check.
      if (child.pid !== undefined) send(-child.pid, 'SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ exitCode: intime ? exitCode : null, output: tail.text() });
    };
    child.on('error', (error) => {
      tail.push(error.message);
      finish(126);
    });
    // Not `close`: what it left running may hold its output open for ever.
    child.on('exit', (code) => setImmediate(() => finish(code ?? 137)));
  });
}
