import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { startByProc } from '../../adapters/process/process-identity.ts';
import { isPidInUse } from '../../core/process/pid-in-use.ts';

/**
 * Says when the process with this number was started, in words that differ for the next process with the same
 * number. Undefined when there is none, or only its remains that nobody has collected yet.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  if (!isPidInUse(pid)) return undefined;
  return process.platform === 'linux' ? linuxStart(pid) : listedStart(pid);
}

async function linuxStart(pid: number): Promise<string | undefined> {
  try {
    const start = startByProc(await readFile(`/proc/${pid}/stat`, 'utf8'));
    if (start === null) return undefined;
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
    return `${boot.trim()}:${start}`;
  } catch {
    return undefined;
  }
}

async function listedStart(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], {
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
    });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
