import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const sha256Hex = /^[0-9a-f]{64}$/;

export interface CopiedBlobs {
  readonly saved: ReadonlySet<string>;
  /** Whose content does not fit their name, or cannot be read. */
  readonly damaged: readonly string[];
}

/** Payloads that are what their name says. */
export async function copyBlobs(from: string, to: string, onProgress: (done: number) => void): Promise<CopiedBlobs> {
  const saved = new Set<string>();
  const damaged: string[] = [];
  for (const shelf of await namesIn(join(from, 'blobs'))) {
    for (const name of await namesIn(join(from, 'blobs', shelf))) {
      if (!sha256Hex.test(name)) continue;
      const content = await readFile(join(from, 'blobs', shelf, name)).catch(() => null);
      if (content === null || createHash('sha256').update(content).digest('hex') !== name) {
        damaged.push(name);
        continue;
      }
      const place = join(to, 'blobs', name.slice(0, 2));
      await mkdir(place, { recursive: true, mode: 0o700 });
      await writeFile(join(place, name), content, { mode: 0o600 });
      saved.add(name);
      onProgress(saved.size);
    }
  }
  return { saved, damaged };
}

/** What belongs to the cloud besides its log and is checked when it is used. The names of those that cannot be read. */
export async function copyOthers(from: string, to: string): Promise<string[]> {
  const failed: string[] = [];
  for (const name of ['repos', 'secrets']) {
    if ((await namesIn(join(from, name))).length === 0) continue;
    const options = { recursive: true, mode: constants.COPYFILE_FICLONE, preserveTimestamps: true };
    await cp(join(from, name), join(to, name), options).catch(() => failed.push(name));
  }
  await copyFile(join(from, 'secrets.key'), join(to, 'secrets.key')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') failed.push('secrets.key');
  });
  return failed;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
