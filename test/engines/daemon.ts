import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { request } from 'node:http';

/** A daemon that a test started, with everything it says in a file. */
export interface Daemon {
  readonly pid: number;
  /** SIGTERM, then SIGKILL after `graceMs`; settles when it is gone. */
  stop(graceMs?: number): Promise<void>;
}

export interface DaemonOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment?: Record<string, string>;
  readonly logFile: string;
  /** Asked until it says true. */
  readonly ready: () => Promise<boolean>;
  readonly readyWithinMs: number;
}

/** @throws Error with the last lines of its log when it ends or is not ready in time; it is gone by then. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const log = openSync(options.logFile, 'a', 0o600);
  // Its own process group: Ctrl-C in a terminal must reach the test runner only, which then stops it in order.
  const child = spawn(options.program, [...options.args], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...options.environment },
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`}`));
  });
  let why: string | null = null;
  void ended.then((reason) => {
    why = reason;
  });
  const stop = (graceMs = 20_000) => stopChild(child, ended, graceMs);
  const deadline = Date.now() + options.readyWithinMs;
  while (!(await options.ready())) {
    if (why === null && Date.now() < deadline) {
      await pause(100);
      continue;
    }
    const reason = why ?? `it was not ready within ${options.readyWithinMs} ms`;
    await stop();
    throw new Error(`${options.program}: ${reason}\n${lastLines(options.logFile, 8)}`);
  }
  child.unref();
  return { pid: child.pid ?? 0, stop };
}

async function stopChild(child: ChildProcess, ended: Promise<string>, graceMs: number): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await ended;
  clearTimeout(timer);
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
