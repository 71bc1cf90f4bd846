import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PloinkyError } from '../errors/ploinky-error.ts';
import type { BlobReference } from '../events/envelope.ts';
import type { BlobStore } from './blob-port.ts';
import { syncFolder } from './sync-folder.ts';

const sha256Hex = /^[0-9a-f]{64}$/;

/** Blobs as files: `<folder>/blobs/<first two digits>/<sha256>`. */
export function createFileBlobStore(folder: string): BlobStore {
  const root = join(folder, 'blobs');
  return {
    async put(json) {
      const reference = referenceTo(json);
      const shelf = join(root, reference.$blob.slice(0, 2));
      const file = join(shelf, reference.$blob);
      if (!(await isComplete(file, reference.size))) await writeDurably(shelf, file, json);
      return reference;
    },
    async get(reference) {
      if (!sha256Hex.test(reference.$blob)) throw missing(reference, 'its name is no SHA-256');
      const file = join(root, reference.$blob.slice(0, 2), reference.$blob);
      const json = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        throw missing(reference, error.code === 'ENOENT' ? 'it is gone' : error.message);
      });
      if (referenceTo(json).$blob !== reference.$blob) throw missing(reference, 'its content was changed');
      return json;
    },
  };
}

/** For tests and for looking at what would be. */
export function createMemoryBlobStore(): BlobStore {
  const blobs = new Map<string, string>();
  return {
    async put(json) {
      const reference = referenceTo(json);
      blobs.set(reference.$blob, json);
      return reference;
    },
    async get(reference) {
      const json = blobs.get(reference.$blob);
      if (json === undefined) throw missing(reference, 'it is gone');
      return json;
    },
  };
}

function referenceTo(json: string): BlobReference {
  return { $blob: createHash('sha256').update(json).digest('hex'), size: Buffer.byteLength(json) };
}

/** A blob is renamed into place only when it is whole; the size tells a file that a full disk cut off. */
async function isComplete(file: string, size: number): Promise<boolean> {
  return stat(file).then(
    (found) => found.size === size,
    () => false,
  );
}

async function writeDurably(shelf: string, file: string, json: string): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    const made = await mkdir(shelf, { recursive: true, mode: 0o700 });
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(json);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    // The name is durable only when its folder is.
    await syncFolder(shelf);
    for (let name = shelf; made !== undefined && name.startsWith(made); name = dirname(name)) {
      await syncFolder(dirname(name));
    }
  } catch (error) {
    await rm(temporary, { force: true });
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw new PloinkyError('DISK_FULL', 'No space is left for a large payload.', { cause: error });
  }
}

function missing({ $blob }: BlobReference, why: string): PloinkyError {
  return new PloinkyError('BLOB_MISSING', `The payload ${$blob} cannot be read: ${why}.`);
}
