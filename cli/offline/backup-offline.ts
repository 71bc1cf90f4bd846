import type { Readable } from 'node:stream';
import { createArchive } from '../../adapters/archive/archive.ts';
import { createFileBlobStore } from '../../core/log/file-blobs.ts';
import { packageVersion } from '../package-root.ts';
import type { Session } from '../session.ts';
import { dataFolder, openLog } from './open-log.ts';

/** Hands the bytes of a backup to `write`, out of a folder whose server does not run; the log is open meanwhile. */
export async function* backupOffline<S, R>(
  { surroundings: { cwd, now } }: Session,
  dir: string,
  repositories: boolean,
  write: (open: () => Promise<Readable>) => AsyncGenerator<S, R>,
): AsyncGenerator<S, R> {
  const folder = dataFolder(cwd, dir);
  const opened = await openLog(cwd, dir, { readOnly: true });
  try {
    const blobs = createFileBlobStore(folder);
    const archive = createArchive({ log: opened, blobs, folder, version: packageVersion(), now });
    return yield* write(async () => archive.backup({ repositories }));
  } finally {
    await opened.close();
  }
}
