import { readdir, readFile } from 'node:fs/promises';
import { startVariable } from './child-environment.ts';
import { hasProc, send } from './process-identity.ts';

const atOnce = 32;

/**
 * Every living process that carries the mark of the start in its environment, wherever it has got to: it may have left
 * its group, and its shim may have been killed. Empty where there is no /proc.
 */
export async function membersOf(startId: string): Promise<readonly number[]> {
  if (!hasProc) return [];
  const mark = `${startVariable}=${startId}`;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const members: number[] = [];
  for (let i = 0; i < pids.length; i += atOnce) {
    await Promise.all(
      pids.slice(i, i + atOnce).map(async (pid) => {
        // Other users' environments cannot be read, and a zombie has none.
        const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
        if (environment.split('\0').includes(mark)) members.push(Number(pid));
      }),
    );
  }
  return members.filter((pid) => pid !== process.pid);
}

/** Signals each of them; those that are found, not those that they start meanwhile. @returns how many there were */
export async function signalMembers(startId: string, signal: 'SIGTERM' | 'SIGKILL' | 'SIGCONT'): Promise<number> {
  const members = await membersOf(startId);
  for (const pid of members) send(pid, signal);
  return members.length;
}
