import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorFromProblem, PloinkyError } from '../../core/errors/ploinky-error.ts';
import { parseServerMessage } from './server-message.ts';

export interface LaunchOptions {
  /** Path of the compiled p-cloud. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Takes what the server prints; begun anew. */
  readonly outputFile: string;
  readonly timeoutMs: number;
  /** From SIGTERM to SIGKILL where it does not come to that; default 5 s. */
  readonly graceMs?: number;
  readonly signal: AbortSignal;
  /** Called as soon as there is a process, before it listens. */
  readonly started: (pid: number) => Promise<void>;
}

/** Where p-cloud lies, compiled, also when this file runs from its source. */
export function serverProgram(): string {
  const beside = import.meta.url.endsWith('.ts') ? '../../dist/cli/p-cloud.js' : '../p-cloud.js';
  return fileURLToPath(new URL(beside, import.meta.url));
}

/**
 * Starts p-cloud in a session of its own and resolves when it listens. Where it does not come to that, nothing of it
 * is left. @throws PloinkyError PORT_IN_USE and others that it reports, SERVER_START_FAILED
 */
export async function launch(options: LaunchOptions): Promise<{ pid: number; port: number; url: string }> {
  await mkdir(dirname(options.outputFile), { recursive: true, mode: 0o700 });
  const output = await open(options.outputFile, 'w', 0o600);
  let child: ChildProcess;
  try {
    child = spawn(process.execPath, [options.program, ...options.args], {
      cwd: options.cwd,
      env: { ...options.env },
      detached: true,
      stdio: ['ignore', output.fd, output.fd, 'ipc'],
    });
  } finally {
    await output.close();
  }
  const listening = whenListening(child, options);
  // The wait below reports it; until then a failure must not count as unhandled.
  listening.catch(() => {});
  try {
    if (child.pid !== undefined) await options.started(child.pid);
    const { port, url } = await listening;
    return { pid: child.pid as number, port, url };
  } catch (error) {
    await end(child, options.graceMs ?? 5_000);
    throw error;
  } finally {
    if (child.connected) child.disconnect();
    child.unref();
  }
}

function whenListening(child: ChildProcess, options: LaunchOptions): Promise<{ port: number; url: string }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new PloinkyError('SERVER_START_FAILED', `The server did not listen within ${options.timeoutMs / 1000} s.`),
      );
    }, options.timeoutMs);
    const settle = () => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', aborted);
    };
    const fail = (error: Error) => {
      settle();
      reject(error);
    };
    const aborted = () => fail(new Error('interrupted'));
    options.signal.addEventListener('abort', aborted);
    if (options.signal.aborted) aborted();
    child.on('error', (error) => {
      fail(new PloinkyError('SERVER_START_FAILED', `The server could not be started: ${error.message}.`));
    });
    child.on('message', (value) => {
      const message = parseServerMessage(value);
      // A defect tells more in the lines it printed, which its exit brings.
      if (message?.kind === 'failed' && message.problem.code !== 'INTERNAL') fail(errorFromProblem(message.problem));
      else if (message?.kind === 'listening') {
        settle();
        resolve({ port: message.port, url: message.url });
      }
    });
    child.on('exit', (code, signal) => {
      const how = signal ? `by ${signal}` : `with exit code ${code}`;
      void lastLines(options.outputFile).then((tail) => {
        fail(new PloinkyError('SERVER_START_FAILED', `The server ended ${how} before it listened.${tail}`));
      });
    });
  });
}

async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const tail = text.trimEnd().split('\n').slice(-10);
  return tail[0] === '' ? '' : `\n${tail.map((line) => `    ${line.slice(0, 500)}`).join('\n')}`;
}

/** Our own child: it goes, gently first. */
async function end(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const hurry = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await gone;
  clearTimeout(hurry);
}
