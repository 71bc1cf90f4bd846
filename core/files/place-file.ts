import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { syncFolder } from './sync-folder.ts';

export interface PlaceOptions {
  /** Where it is until it is whole, for whoever has to know such a file after a crash; by default `<path>.<12 hex digits>`. */
  readonly staged?: string;
}

/**
 * Puts a file in its place whole and durable, for its owner alone to read: after a crash there is the old content or the
 * new. Folders that are missing are made. What fails leaves nothing behind. @throws errors of the disk
 */
export async function placeFile(path: string, content: string | Uint8Array, { staged }: PlaceOptions = {}) {
  const folder = resolve(dirname(path));
  const temporary = staged ?? `${path}.${randomBytes(6).toString('hex')}`;
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    // A name of chance is new; a given one may be there since a crash.
    await writeSynced(temporary, content, staged === undefined ? 'wx' : 'w');
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  // A name is durable only when its folder is, and so is the folder's.
  await syncFolder(folder);
  for (let name = folder; made !== undefined && name.startsWith(made); name = dirname(name)) {
    await syncFolder(dirname(name));
  }
}

/**
 * Writes a file for its owner alone to read. Its content is durable afterwards, its name only with the folder.
 * @param flag `wx` = only where there is none @throws errors of the disk
 */
export async function writeSynced(path: string, content: string | Uint8Array, flag: 'w' | 'wx' = 'w'): Promise<void> {
  const handle = await open(path, flag, 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
