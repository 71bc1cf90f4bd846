import { readdir, rm, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type ReplicaLog, replicaLogs, segmentFile, segmentSizes } from './segments.ts';

/** What of the container logs stays. */
export interface Keep {
  /** `<data>/logs/containers`. */
  readonly folder: string;
  /** Keys of the deployments that there are. */
  readonly living: ReadonlySet<string>;
  /** `<deployment key>#<release>` of what has containers; never taken away as a whole. */
  readonly running: ReadonlySet<string>;
  /** Newest releases of each deployment. */
  readonly releases: number;
  /** Of all logs of a deployment together; the oldest files go first. */
  readonly deploymentBytes: number;
  /** Milliseconds since 1970: what a removed deployment wrote last before then goes. */
  readonly removedBefore: number;
}

/** Takes away what is too old or too much. The file that grows is never touched. */
export async function keepBounded(keep: Keep): Promise<void> {
  for (const key of await readdir(keep.folder).catch(() => [])) {
    const folder = join(keep.folder, key);
    const logs = await replicaLogs(folder);
    const kept = await withoutOldReleases(key, logs, keep);
    const files = await filesOf(kept, (release) => keep.running.has(`${key}#${release}`));
    const newest = files.reduce((latest, { changedMs }) => Math.max(latest, changedMs), 0);
    const hasContainers = kept.some(({ release }) => keep.running.has(`${key}#${release}`));
    if (!keep.living.has(key) && !hasContainers && newest < keep.removedBefore) {
      await rm(folder, { recursive: true, force: true });
      continue;
    }
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    for (const file of files.sort((a, b) => a.changedMs - b.changedMs)) {
      if (bytes <= keep.deploymentBytes) break;
      if (file.grows) continue;
      await unlink(segmentFile(file.folder, file.segment)).catch(() => undefined);
      // Where it was the only one.
      await rmdir(file.folder).catch(() => undefined);
      bytes -= file.bytes;
    }
  }
}

async function withoutOldReleases(key: string, logs: readonly ReplicaLog[], keep: Keep): Promise<ReplicaLog[]> {
  const releases = [...new Set(logs.map(({ release }) => release))].sort((a, b) => b - a);
  const old = new Set(releases.slice(keep.releases).filter((release) => !keep.running.has(`${key}#${release}`)));
  for (const { release, folder } of logs) if (old.has(release)) await rm(folder, { recursive: true, force: true });
  return logs.filter(({ release }) => !old.has(release));
}

/** Of what runs the last file grows. */
async function filesOf(logs: readonly ReplicaLog[], runs: (release: number) => boolean) {
  const files = await Promise.all(
    logs.map(async ({ folder, release }) => {
      const sizes = await segmentSizes(folder);
      return sizes.map((file, i) => ({ ...file, folder, grows: runs(release) && i === sizes.length - 1 }));
    }),
  );
  return files.flat();
}
