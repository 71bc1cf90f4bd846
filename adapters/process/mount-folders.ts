import { lstat, mkdir, readlink, rename, rm, rmdir, stat, symlink, unlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { ContainerSpec, Mount } from '../engine/engine-port.ts';

/**
 * Makes what a container would have mounted: named volumes as folders, and mounts within mounts as links.
 * @throws PloinkyError START_FAILED when a folder to mount is not there
 */
export async function makeMountFolders(spec: ContainerSpec, sourceOf: (mount: Mount) => string): Promise<void> {
  for (const mount of spec.mounts) {
    const source = sourceOf(mount);
    if (mount.kind === 'volume') await mkdir(source, { recursive: true, mode: 0o700 });
    else await requireThere(source, spec.name);
  }
  for (const inner of spec.mounts) {
    const outer = innermostAround(inner, spec.mounts);
    if (outer) await link(sourceOf(inner), join(sourceOf(outer), relative(outer.target, inner.target)));
  }
}

function innermostAround(inner: Mount, mounts: readonly Mount[]): Mount | undefined {
  return mounts
    .filter((mount) => !mount.readOnly && inner.target.startsWith(`${mount.target}/`))
    .sort((a, b) => b.target.length - a.target.length)[0];
}

async function requireThere(source: string, name: string): Promise<void> {
  await stat(source).catch((cause: unknown) => {
    throw new PloinkyError('START_FAILED', `${name} needs ${source}, which is not there.`, { cause });
  });
}

/**
 * What is at the place of a mount cannot be seen in a container either; here it is put aside. Containers that share the
 * outer folder share what is in it: a link to the folder of another replica stays as long as that is there, and paths
 * that are mapped lead to each one's own.
 */
async function link(source: string, place: string): Promise<void> {
  const found = await lstat(place).catch(() => null);
  if (found?.isSymbolicLink()) {
    const leadsTo = await readlink(place).catch(() => '');
    const leads = await stat(place).catch(() => null);
    if (leadsTo === source || (leads && dirname(leadsTo) === dirname(source))) return;
    await unlink(place).catch(ignoring('ENOENT'));
  } else if (found) {
    await rmdir(place).catch(async () => {
      await rm(`${place}.covered`, { recursive: true, force: true });
      await rename(place, `${place}.covered`).catch(ignoring('ENOENT'));
    });
  }
  await mkdir(dirname(place), { recursive: true });
  // Another one that starts at the same time may be faster.
  await symlink(source, place).catch(ignoring('EEXIST'));
}

function ignoring(code: string): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (error.code !== code) throw error;
  };
}
