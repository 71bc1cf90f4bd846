import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostTree } from './host-tree.ts';
import { sharedLibraries } from './shared-libraries.ts';

/** A server may have been started with a PATH of its own that leaves these out. */
const usualFolders = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'];

/** Full path of a program of this machine, or null. */
export async function findProgram(name: string): Promise<string | null> {
  const folders = [...(process.env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/')), ...usualFolders];
  for (const folder of folders) {
    const file = join(folder, name);
    if (
      await access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  return null;
}

/**
 * Puts a program with its libraries where it is on this machine, since it may look for them relative to itself, and a
 * link of that name where everybody looks. Programs that are many in one file go by the name of the link.
 */
export async function addProgram(tree: HostTree, name: string, file: string, signal: AbortSignal): Promise<void> {
  const real = await realpath(file);
  await tree.file(real);
  for (const library of await sharedLibraries(real, signal)) await tree.file(library);
  tree.link(join('/usr/bin', name), real);
}
