import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { placeFile } from '../../core/files/place-file.ts';

/**
 * Replaces a small file as a whole, readable by its owner alone: after a crash there is the old or the new content.
 * Makes the folder. @throws PloinkyError FILE_UNWRITABLE
 */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  await placeFile(path, content).catch((error: unknown) => {
    throw new PloinkyError('FILE_UNWRITABLE', `${path} cannot be written: ${(error as Error).message}.`, {
      cause: error,
    });
  });
}
