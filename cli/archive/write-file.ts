import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import { syncFolder } from '../../core/files/sync-folder.ts';

/**
 * Writes a file that only its owner may read, under `<path>.part` until it is whole. `take` reads what is written on its
 * way and says whether it is whole; when it throws, nothing is left.
 * @throws PloinkyError FILE_UNWRITABLE; what `take` and `source` throw
 */
export async function writeWhole<T>(
  path: string,
  source: () => Promise<AsyncIterable<Buffer>>,
  take: (passing: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  const partial = `${path}.part`;
  // Open before the stream begins: a path that cannot be written costs nobody a download.
  const file = await open(partial, 'w', 0o600).catch((error: unknown) => {
    throw unwritable(path, error);
  });
  try {
    await file.chmod(0o600);
    const bytes = await source();
    const result = await take(
      (async function* () {
        for await (const piece of bytes) {
          await file.write(piece);
          yield piece;
        }
      })(),
    );
    await file.sync();
    await file.close();
    await rename(partial, path);
    await syncFolder(dirname(path));
    return result;
  } catch (error) {
    await file.close().catch(() => {});
    await rm(partial, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    const ofDisk =
      !isPloinkyError(error) && (code === 'ENOSPC' || code === 'EIO' || code === 'EDQUOT' || code === 'EISDIR');
    throw ofDisk ? unwritable(path, error) : error;
  }
}

function unwritable(path: string, error: unknown): PloinkyError {
  const message = `${basename(path)} cannot be written: ${(error as Error).message}.`;
  return new PloinkyError('FILE_UNWRITABLE', message, { cause: error });
}
