import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Ground } from './ground.ts';

export interface Program<Ready> {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it said when it could be used. */
  readonly ready: Ready;
}

/** An interruption at the terminal is for the bench alone, which ends what it started. */
export const detached = true;

/** A Node program of `bench/versus/programs`, in a process of its own, until it says that it is ready. */
export async function startProgram<Ready>(
  ground: Ground,
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Program<Ready>> {
  const file = fileURLToPath(new URL(`programs/${name}.js`, import.meta.url));
  const child = spawn(process.execPath, [file], {
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached,
  });
  ground.atEnd(() => endOf(child));
  const [ready] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error(`${name} ended`))),
  ])) as [Ready];
  return { child, pid: child.pid as number, ready };
}

/** Asks it to end, and makes it end when it does not. */
export async function endOf(child: ChildProcess, signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(force);
}
