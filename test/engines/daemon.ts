import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import path from 'node:path';
import { packageRoot } from '../../cli/package-root.ts';

/** What `keeper.mjs` runs and takes away again. */
export interface DaemonPlan {
  /** Folder of the daemon alone; removed in the end with everything that is mounted below it. */
  readonly home: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Program and arguments to run before the daemon is ended. */
  readonly before?: readonly string[];
  /** The same, after it is gone. */
  readonly after?: readonly string[] | undefined;
}

/**
 * Starts a daemon that ends with this process at the latest.
 * @param ready asked until it says true
 * @returns how to end it earlier
 * @throws Error with the last lines of its log when it ends or is not ready in time; everything is gone by then
 */
export async function startDaemon(
  plan: DaemonPlan,
  ready: () => Promise<boolean>,
  readyWithinMs: number,
): Promise<() => Promise<void>> {
  const keeper = startKeeper(plan);
  const gone = new Promise<void>((resolve) => keeper.once('close', () => resolve()));
  let why: string | null = null;
  keeper.stdout?.setEncoding('utf8').on('data', (reason: string) => {
    why = reason;
  });
  const stop = async () => {
    keeper.ref();
    keeper.stdin?.end();
    await gone;
  };
  const deadline = Date.now() + readyWithinMs;
  while (!(await ready())) {
    if (why === null && Date.now() < deadline) {
      await pause(100);
      continue;
    }
    const reason = why ?? `it was not ready within ${readyWithinMs} ms`;
    const log = lastLines(path.join(plan.home, 'log'), 8);
    await stop();
    throw new Error(`${plan.program}: ${reason}\n${log}`);
  }
  return stop;
}

function startKeeper(plan: DaemonPlan): ChildProcess {
  const file = path.join(packageRoot(), 'test/engines/keeper.mjs');
  const whole = JSON.stringify({ before: null, after: null, graceMs: 60_000, ...plan });
  // Apart from the terminal: Ctrl-C ends the test runner, and by that the pipe, not the keeper.
  const keeper = spawn(process.execPath, [file, whole], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  keeper.unref();
  (keeper.stdin as Socket | null)?.unref();
  (keeper.stdout as Socket | null)?.unref();
  return keeper;
}

/** True when something answers 200 to GET on the socket. Never throws, never takes longer than two seconds. */
export function answers(target: { socketPath: string } | { port: number }, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({ host: '127.0.0.1', ...target, path, timeout: 2000, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
    call.end();
  });
}

function lastLines(file: string, count: number): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
