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

const hasProc = existsSync('/proc/self/stat');
const run = promisify(execFile);

/** A zombie, which only waits for its parent to look, counts as ended. */
export async function isAlive({ pid, started }: ProcessIdentity): Promise<boolean> {
  return hasProc ? aliveByProc(pid, started) : aliveByPs(pid, started);
}

/** Sends to the process, or to its whole group; false when it is gone. */
export async function signalProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  whom: 'process' | 'group',
): Promise<boolean> {
  if (!(await isAlive(identity))) return false;
  return send(whom === 'group' ? -identity.pid : identity.pid, signal);
}

/** What is left of a group whose leader has just ended. */
export function endGroup({ pid }: ProcessIdentity): void {
  send(-pid, 'SIGKILL');
}

function send(target: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

async function aliveByProc(pid: number, started: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return false;
  // The name in brackets may hold anything; what follows the last bracket is fixed: state, then field 22 at place 19.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] !== 'Z' && fields[0] !== 'X' && fields[19] === started;
}

async function aliveByPs(pid: number, started: string): Promise<boolean> {
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' };
  const found = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { env }).catch(() => null);
  const [, state = 'Z', since = ''] = /^(\S+)\s+(.*)$/.exec(found?.stdout.trim() ?? '') ?? [];
  return !state.startsWith('Z') && `${since.trim().replace(/ +/g, '_')}` === started.replace(/_+$/, '');
}
