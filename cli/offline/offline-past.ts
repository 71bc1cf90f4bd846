import { createSnapshots } from '../../adapters/snapshots/create-snapshots.ts';
import { createFileBlobStore } from '../../core/log/file-blobs.ts';
import type { EventLog } from '../../core/log/log-port.ts';
import { Past } from '../../history/past.ts';
import { dataFolder } from './open-log.ts';

/** The past of a folder that no server has open; its snapshots are read, never written. */
export function offlinePast(log: EventLog, cwd: string, dir: string): Past {
  const folder = dataFolder(cwd, dir);
  return new Past({ log, blobs: createFileBlobStore(folder), now: Date.now, snapshots: createSnapshots(folder) });
}
