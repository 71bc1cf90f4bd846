import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Where LevelDB's own account of an opening begins. */
export interface AccountMark {
  readonly ino: number;
  /** Bytes. */
  readonly size: number;
}

/** To be taken before the database is opened; null where there is no account yet. */
export async function markAccount(location: string): Promise<AccountMark | null> {
  const found = await stat(join(location, 'LOG')).catch(() => null);
  return found && { ino: found.ino, size: found.size };
}

/**
 * What LevelDB left out of an opening because the disk, a limit or a permission did not let it read: it goes on without
 * such a journal as if it had been empty, deletes it, and tells only its account, the file LOG.
 * @returns the first such line; a sentence when there is no account of this opening; null when nothing was left out
 */
export async function droppedAtOpen(location: string, before: AccountMark | null): Promise<string | null> {
  const file = join(location, 'LOG');
  const handle = await open(file, 'r').catch(() => null);
  if (!handle) return `${file} could not be written or read`;
  try {
    const { ino, size } = await handle.stat();
    // It begins a new one for each opening, unless it cannot rename the old one.
    const start = before && before.ino === ino ? before.size : 0;
    if (size <= start) return `${file} has nothing of this opening`;
    const text = Buffer.alloc(size - start);
    await handle.read(text, 0, text.length, start);
    const line = text
      .toString('utf8')
      .split('\n')
      .find((one) => /ignoring error/i.test(one) && /IO error/i.test(one));
    // Date, time and thread stand before what happened.
    return line ? line.replace(/^\S+ \S+ /, '') : null;
  } finally {
    await handle.close();
  }
}
