import { readdir, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord, readJsonFile } from '../connection/json-file.ts';
import { processStart } from './process-identity.ts';

export interface Holder {
  readonly pid: number;
  /** As `processStart` says it. */
  readonly start: string;
  /** Program and purpose, in its own words. */
  readonly holder: string;
  /** Certainly the server that has the log open, not a later process with its number. */
  readonly certain: boolean;
}

/** The living process that noted itself as the one that serves this folder. */
export async function holderOf(dir: string): Promise<Holder | undefined> {
  const data = join(dir, '.ploinky-cloud');
  const noted = await readJsonFile(join(data, 'holder.json')).catch(() => undefined);
  if (!isRecord(noted) || !Number.isInteger(noted.pid)) return undefined;
  const pid = noted.pid as number;
  const start = await processStart(pid);
  if (start === undefined) return undefined;
  const holder = String(noted.holder ?? 'unknown');
  // Others, such as a repair, hold the log for a moment only.
  const certain = holder.startsWith('ploinky server') && (await hasOpen(pid, data));
  return { pid, start, holder, certain };
}

/** Where the system tells which files a process has open: it holds the lock of this very log. */
async function hasOpen(pid: number, data: string): Promise<boolean> {
  try {
    const lock = await realpath(join(data, 'log', 'LOCK'));
    const folder = `/proc/${pid}/fd`;
    for (const fd of await readdir(folder)) {
      if ((await readlink(join(folder, fd)).catch(() => '')) === lock) return true;
    }
  } catch {
    // Not Linux, not our process, or no log.
  }
  return false;
}
