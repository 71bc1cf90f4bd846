import { rm, rmdir } from 'node:fs/promises';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import type { Release } from '../../projections/releases.ts';
import type { World } from './world.ts';

/** Takes the files of a release away. Its pin in the Git mirror stays: a rollback may want the commit. */
export async function cleanRelease(world: World, release: Release): Promise<PloinkyDraft[]> {
  const { root, run } = world.paths.release(release.deployment, release.n);
  await rm(root, { recursive: true, force: true });
  await rm(run, { recursive: true, force: true });
  // It may lie outside the data folder, where nobody would think of it. Another release may still have a place in it.
  await rmdir(world.paths.runRoot).catch(() => {});
  return [{ type: 'release.cleaned', stream: `release:${release.id}`, data: {} }];
}
