import { createArchive } from '../../adapters/archive/archive.ts';
import { rangeOf } from '../../adapters/archive/range.ts';
import { createFileBlobStore } from '../../core/log/file-blobs.ts';
import type { ExportRange } from '../archive/export-source.ts';
import { packageVersion } from '../package-root.ts';
import type { Session } from '../session.ts';
import { offlinePast } from './offline-past.ts';
import { dataFolder, openLog } from './open-log.ts';

export async function exportOffline<T>(
  { surroundings: { cwd, now } }: Session,
  dir: string,
  { from, to }: ExportRange,
  take: (bytes: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  const folder = dataFolder(cwd, dir);
  const log = await openLog(cwd, dir, { readOnly: true });
  try {
    const blobs = createFileBlobStore(folder);
    const range = await rangeOf(offlinePast(log, cwd, dir), {
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    });
    const archive = createArchive({ log, blobs, folder, version: packageVersion(), now });
    return await take(bytesOf(archive.export(range)));
  } finally {
    await log.close();
  }
}

async function* bytesOf(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const text of texts) yield Buffer.from(text);
}
