import { createHash } from 'node:crypto';
import { readFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { PloinkyError } from '../errors/ploinky-error.ts';
import type { BlobReference } from '../events/envelope.ts';
import { placeFile } from '../files/place-file.ts';
import type { BlobStore } from './blob-port.ts';
import { type Collected, type CollectOptions, collectBlobs, FreshNames } from './collect-blobs.ts';

export type { Collected } from './collect-blobs.ts';

const sha256Hex = /^[0-9a-f]{64}$/;

/** A store of which what nothing names can be taken out. */
export interface CollectableBlobs extends BlobStore {
  collect(options: CollectOptions): Promise<Collected>;
}

/** Blobs as files: `<folder>/blobs/<first two digits>/<sha256>`. */
export function createFileBlobStore(folder: string): CollectableBlobs {
  const root = join(folder, 'blobs');
  const fresh = new FreshNames();
  const fileOf = ({ $blob }: BlobReference) => join(root, $blob.slice(0, 2), $blob);
  return {
    async put(json) {
      const reference = referenceTo(json);
      const file = fileOf(reference);
      const done = fresh.begin(reference.$blob);
      try {
        if (!(await renewed(file, reference.size))) await place(file, json);
        return reference;
      } finally {
        done();
      }
    },
    collect: (options) => collectBlobs(root, fresh, options),
    async get(reference) {
      if (!sha256Hex.test(reference.$blob)) throw missing(reference, 'its name is no SHA-256');
      const file = fileOf(reference);
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

/**
 * A blob is renamed into place only when it is whole; the size tells a file that a full disk cut off. One that is there
 * counts as new again, so that it is not collected before its new event is durable.
 */
async function renewed(file: string, size: number): Promise<boolean> {
  try {
    if ((await stat(file)).size !== size) return false;
    const now = new Date();
    await utimes(file, now, now);
    return true;
  } catch {
    return false;
  }
}

async function place(file: string, json: string): Promise<void> {
  try {
    await placeFile(file, json);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw new PloinkyError('DISK_FULL', 'No space is left for a large payload.', { cause: error });
  }
}

function missing({ $blob }: BlobReference, why: string): PloinkyError {
  return new PloinkyError('BLOB_MISSING', `The payload ${$blob} cannot be read: ${why}.`);
}
