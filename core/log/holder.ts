import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PloinkyError } from '../errors/ploinky-error.ts';

/** Who has a log open. Information for people; LevelDB's own lock decides. */
interface Holder {
  readonly pid: number;
  readonly holder: string;
  readonly since: string;
}

export async function writeHolder(folder: string, holder: string): Promise<void> {
  const content: Holder = { pid: process.pid, holder, since: new Date().toISOString() };
  await writeFile(join(folder, 'holder.json'), `${JSON.stringify(content)}\n`, { mode: 0o600 });
}

export async function removeHolder(folder: string): Promise<void> {
  await rm(join(folder, 'holder.json'), { force: true });
}

/** The error for somebody who finds the log held. */
export async function heldBy(folder: string, cause: unknown): Promise<PloinkyError> {
  const who = await readFile(join(folder, 'holder.json'), 'utf8')
    .then((text) => {
      const { pid, holder, since } = JSON.parse(text) as Partial<Holder>;
      return isAlive(pid) ? `process ${pid} (${String(holder)}), since ${String(since)}` : 'another process';
    })
    .catch(() => 'another process');
  return new PloinkyError('LOG_HELD', `The log in ${folder} is held by ${who}.`, { cause });
}

/** The file may be of somebody who was killed; who has the log now left no word then. */
function isAlive(pid: unknown): pid is number {
  if (typeof pid !== 'number') return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
