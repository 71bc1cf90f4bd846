import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A process, told apart from a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In ticks since boot on Linux, as `ps` has it elsewhere. Compared, never computed with. */
  readonly started: string;
}

export const hasProc = existsSync('/proc/self/stat');
const run = promisify(execFile);

/** A zombie, which only waits for its parent to look, counts as ended. */
export async function isAlive({ pid, started }: ProcessIdentity): Promise<boolean> {
  const found = hasProc ? startByProc(await statOf(pid)) : await startByPs(pid);
  return found !== null && found === started;
}

/** Sends to the process, or to its whole group; false when it is gone. */
export async function signalProcess(
  identity: ProcessIdentity,
  signal: 'SIGTERM' | 'SIGKILL',
  whom: 'process' | 'group',
): Promise<boolean> {
  if (!(await isAlive(identity))) return false;
  return send(whom === 'group' ? -identity.pid : identity.pid, signal);
}

export function send(target: number, signal: 'SIGTERM' | 'SIGKILL' | 'SIGCONT'): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    // EPERM: macOS says so of a group of zombies.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH' || code === 'EPERM') return false;
    throw error;
  }
}

/** "<pid> <start time>", as the shim writes it; null while it is not complete. */
export function parseIdentity(text: string | null): ProcessIdentity | null {
  const [, pid = '', started = ''] = /^(\d+) ([^\n]+)\n$/.exec(text ?? '') ?? [];
  return Number(pid) > 1 ? { pid: Number(pid), started: started.trim().replace(/\s+/g, ' ') } : null;
}

/** @param stat content of `/proc/<pid>/stat` @returns start time, null for a zombie */
export function startByProc(stat: string | null): string | null {
  if (stat === null) return null;
  // The name in brackets may hold anything; what follows the last bracket is fixed: state, then field 22 at place 19.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

function statOf(pid: number): Promise<string | null> {
  return readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
}

async function startByPs(pid: number): Promise<string | null> {
  const env = { LC_ALL: 'C', TZ: 'UTC' };
  const found = await run('/bin/ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { env }).catch(() => null);
  const [, state = 'Z', since = ''] = /^(\S+)\s+(.*)$/.exec(found?.stdout.trim() ?? '') ?? [];
  return state.startsWith('Z') ? null : since.trim().replace(/\s+/g, ' ');
}
