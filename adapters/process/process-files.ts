import { lstat, mkdir, open, readlink, rmdir, stat, symlink, truncate, unlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { ContainerSpec, Mount } from '../engine/engine-port.ts';

/** Makes what a container would have mounted: named volumes as folders, and mounts within mounts as links. */
export async function makeMounts(spec: ContainerSpec, sourceOf: (mount: Mount) => string): Promise<void> {
  for (const mount of spec.mounts) {
    const source = sourceOf(mount);
    if (mount.kind === 'volume') await mkdir(source, { recursive: true, mode: 0o700 });
    else await requireFolder(source);
  }
  for (const inner of spec.mounts) {
    const outer = spec.mounts.find((mount) => inner.target.startsWith(`${mount.target}/`) && !mount.readOnly);
    if (outer) await link(sourceOf(inner), join(sourceOf(outer), relative(outer.target, inner.target)));
  }
}

const longestLog = 16 * 1024 * 1024;

/** Starts anew when it grew too long. The program appends, so that it goes on at the new end. */
export async function limitLog(file: string): Promise<void> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > longestLog) await truncate(file, 0);
}

/** At most `bytes` of the end of a file; empty when there is none. */
export async function tailOf(file: string, bytes: number): Promise<string> {
  const handle = await open(file, 'r').catch(() => null);
  if (!handle) return '';
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, bytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
}

async function requireFolder(source: string): Promise<void> {
  await stat(source).catch(() => {
    throw new PloinkyError('START_FAILED', `The folder ${source}, which the agent needs, is not there.`);
  });
}

/** An empty folder, where a container's mount point would be, gives way to the link. */
async function link(source: string, place: string): Promise<void> {
  const found = await lstat(place).catch(() => null);
  if (found?.isSymbolicLink()) {
    if ((await readlink(place)) === source) return;
    await unlink(place);
  } else if (found) {
    await rmdir(place);
  }
  await mkdir(dirname(place), { recursive: true });
  await symlink(source, place);
}
