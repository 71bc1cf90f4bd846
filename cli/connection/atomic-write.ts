import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';

/**
 * Replaces a small file as a whole, readable by its owner alone: after a crash there is the old or the new content.
 * Makes the folder. @throws PloinkyError FILE_UNWRITABLE
 */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  const folder = dirname(path);
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncFolder(folder);
  } catch (error) {
    throw new PloinkyError('FILE_UNWRITABLE', `${path} cannot be written: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

/** Without it a rename may be forgotten by a power cut. Windows knows no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
