import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReleasePaths } from './paths.ts';

/** What each container has for itself; the checkout belongs to all of its release. */
type OwnFolders = Pick<ReleasePaths, 'queue' | 'run'>;

/** Leaves what is in them: a container that runs may be about to be adopted. */
export async function makeOwnFolders({ queue, run }: OwnFolders): Promise<void> {
  // Engines run agents as the user of the server, so nobody else needs to get in.
  for (const folder of [queue, run]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const inside = ['tasks', 'results', 'errors', 'locks', 'urgent'];
  await Promise.all(inside.map((folder) => mkdir(join(queue, folder), { recursive: true })));
}

export async function removeOwnFolders({ queue, run }: OwnFolders): Promise<void> {
  for (const folder of [queue, run]) await rm(folder, { recursive: true, force: true });
}
