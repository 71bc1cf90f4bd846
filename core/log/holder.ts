import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PloinkyError } from '../errors/ploinky-error.ts';
import { isPidInUse } from '../process/pid-in-use.ts';

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

/** The process that has the log open, as far as it left word; null where nobody did, or who did has ended. */
export async function livingHolder(folder: string): Promise<Holder | null> {
  const text = await readFile(join(folder, 'holder.json'), 'utf8').catch(() => 'null');
  try {
    const { pid, holder, since } = JSON.parse(text) as Partial<Holder>;
    // The file may be of somebody who was killed; who has the log now left no word then.
    if (typeof pid !== 'number' || !isPidInUse(pid)) return null;
    return { pid, holder: String(holder), since: String(since) };
  } catch {
    return null;
  }
}

/** The error for somebody who finds the log held. */
export async function heldBy(folder: string, cause: unknown): Promise<PloinkyError> {
  const found = await livingHolder(folder);
  const who = found ? `process ${found.pid} (${found.holder}), since ${found.since}` : 'another process';
  return new PloinkyError('LOG_HELD', `The log in ${folder} is held by ${who}.`, { cause });
}
