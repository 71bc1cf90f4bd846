import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { syncFolder } from '../../core/files/sync-folder.ts';

/**
 * Makes a data folder beside its place and renames it when it is whole, so that nothing looks like a cloud that is none.
 * What fails leaves nothing behind.
 * @param data the place, `<dir>/.ploinky-cloud`
 * @throws PloinkyError LOG_EXISTS when something is there, FILE_UNWRITABLE; what `make` throws
 */
export async function makeDataFolder<T>(data: string, make: (folder: string) => Promise<T>): Promise<T> {
  await requireFree(data);
  const beside = `${data}.new-${randomBytes(4).toString('hex')}`;
  const made = await makeParents(dirname(data));
  try {
    await mkdir(beside, { mode: 0o700 });
    const result = await make(beside);
    await syncAll(beside);
    // An empty folder in the way was allowed.
    await rmdir(data).catch(() => {});
    await rename(beside, data);
    await syncFolder(dirname(data));
    return result;
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    if (made !== undefined) await removeEmpty(dirname(data), made);
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof PloinkyError || !code?.startsWith('E')) throw error;
    if (code === 'ENOSPC') throw new PloinkyError('DISK_FULL', `No space is left for ${data}.`, { cause: error });
    throw unwritable(data, error);
  }
}

/** @throws PloinkyError LOG_EXISTS */
async function requireFree(data: string): Promise<void> {
  const names = await readdir(data).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw unwritable(data, error);
  });
  if (names.length === 0) return;
  throw new PloinkyError(
    'LOG_EXISTS',
    `${data} is there already and is not empty; a cloud is made only where none is.`,
    {
      hint: 'Name another folder with --dir.',
    },
  );
}

/** The topmost folder that was made, if any. */
async function makeParents(folder: string): Promise<string | undefined> {
  if (existsSync(folder)) return undefined;
  return mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw unwritable(folder, error);
  });
}

async function removeEmpty(folder: string, topmost: string): Promise<void> {
  for (let at = folder; at.startsWith(topmost); at = dirname(at)) {
    // One that somebody put something into stays.
    if (
      !(await rmdir(at).then(
        () => true,
        () => false,
      ))
    )
      return;
  }
}

/** Every file and folder durable in one go: cheaper than each when it is written. */
async function syncAll(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncAll(path);
    else if (entry.isFile()) {
      const file = await open(path, 'r');
      await file.sync();
      await file.close();
    }
  }
  await syncFolder(folder);
}

function unwritable(path: string, error: unknown): PloinkyError {
  return new PloinkyError('FILE_UNWRITABLE', `${path} cannot be made: ${(error as Error).message}.`, { cause: error });
}
