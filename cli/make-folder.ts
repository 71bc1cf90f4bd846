import { existsSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PloinkyError } from '../core/errors/ploinky-error.ts';

/**
 * Makes a folder and what is missing above it, for this user alone. Not by `mkdir` with `recursive`: that one never
 * returns where a file system refuses new names as if the parent were missing, as /proc does.
 * @throws PloinkyError FILE_UNWRITABLE
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
    const parent = dirname(folder);
    if (code === 'ENOENT' && !existsSync(parent)) {
      await makeFolder(parent);
      return makeFolder(folder);
    }
    throw new PloinkyError('FILE_UNWRITABLE', `The folder ${folder} cannot be made: ${(error as Error).message}.`, {
      hint: 'Name a folder that this user may write, with --dir.',
      cause: error,
    });
  }
}
