import type { Store } from '../../core/kernel/store.ts';
import { currentSettings } from '../../core/settings/current-settings.ts';
import type { Past } from '../../history/past.ts';
import type { Views } from '../../projections/views.ts';
import type { Logger } from '../pipeline/world.ts';
import { type FileSnapshots, mostSnapshots } from '../snapshots/file-snapshots.ts';
import { SnapshotWriter } from '../snapshots/snapshot-writer.ts';

export interface FoldParts {
  readonly snapshots: FileSnapshots;
  readonly logger: Logger;
}

/**
 * Brings the store to the head of the log, from the newest snapshot that can be used. Where much had to be folded
 * again, snapshots are made on the way, so that the next question about that time is answered quickly.
 */
export async function foldAtStart(
  past: Past,
  store: Store<Views>,
  { snapshots, logger }: FoldParts,
): Promise<SnapshotWriter> {
  const settings = currentSettings(store.views);
  const every = () => settings()['snapshots.every'];
  const writer = new SnapshotWriter({ store, snapshots, every, logger });
  const { seq } = past.head();
  await past.restoreNearest(store, seq);
  await writer.begin();
  const snapshot = store.seq;
  await past.fold(store, seq, () => writer.note(Math.ceil(seq / mostSnapshots)));
  logger.info({ snapshot, folded: seq - snapshot }, 'the log is folded');
  await snapshots.tidy().catch((error: unknown) => {
    logger.warn({ err: error }, 'snapshots that are of no use could not be removed');
  });
  return writer;
}
