import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const form = /^(\d{6})\.ndjson$/;

/** `<data>/logs/containers/<deployment key>/<release>.<replica>/<segment>.ndjson`; the highest segment grows. */
export function segmentFile(folder: string, segment: number): string {
  return join(folder, `${String(segment).padStart(6, '0')}.ndjson`);
}

/** Numbers of the files of a log, ascending; none where there is no log. */
export async function segmentsOf(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .map((name) => Number(form.exec(name)?.[1] ?? 0))
    .filter((segment) => segment > 0)
    .sort((a, b) => a - b);
}

export interface ReplicaLog {
  readonly release: number;
  readonly replica: number;
  readonly folder: string;
}

/** Logs of a deployment, by release and replica; `folder` is that of the deployment. */
export async function replicaLogs(folder: string): Promise<ReplicaLog[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .map((name) => ({ name, parts: /^([1-9]\d{0,8})\.([1-9]\d{0,8})$/.exec(name) }))
    .filter(({ parts }) => parts !== null)
    .map(({ name, parts }) => ({
      release: Number(parts?.[1]),
      replica: Number(parts?.[2]),
      folder: join(folder, name),
    }))
    .sort((a, b) => a.release - b.release || a.replica - b.replica);
}

export function replicaFolder(deploymentFolder: string, release: number, replica: number): string {
  return join(deploymentFolder, `${release}.${replica}`);
}

/** Size and last change of each file of a log; one that goes meanwhile is left out. */
export async function segmentSizes(
  folder: string,
): Promise<{ readonly segment: number; readonly bytes: number; readonly changedMs: number }[]> {
  const found = await Promise.all(
    (await segmentsOf(folder)).map(async (segment) => {
      const known = await stat(segmentFile(folder, segment)).catch(() => null);
      return known === null ? null : { segment, bytes: known.size, changedMs: known.mtimeMs };
    }),
  );
  return found.filter((one) => one !== null);
}
