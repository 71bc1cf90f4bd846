import { projections } from '../../projections/registry.ts';
import { FileSnapshots, type FileSnapshotsOptions } from './file-snapshots.ts';

/** The snapshots of a data folder, as the reducers of this version make and take them. */
export function createSnapshots(dataFolder: string, onIgnored?: FileSnapshotsOptions['onIgnored']): FileSnapshots {
  const reducers = Object.fromEntries(Object.entries(projections).map(([name, { version }]) => [name, version]));
  return new FileSnapshots({ dataFolder, reducers, ...(onIgnored ? { onIgnored } : {}) });
}
