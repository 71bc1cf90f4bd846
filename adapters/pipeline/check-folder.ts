import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { quote } from '../../core/names/names.ts';
import type { Release } from '../../projections/releases.ts';
import type { World } from './world.ts';

/**
 * The folder that a static release serves is there and lies inside its checkout. An install step may have put
 * anything in its place.
 * @throws PloinkyError FOLDER_NOT_SERVED
 */
export async function checkFolder(world: Pick<World, 'paths'>, release: Release): Promise<void> {
  const { code } = world.paths.release(release.deployment, release.n);
  const folder = release.source?.manifest.static?.folder ?? '.';
  const checkout = await realpath(code).catch(() => null);
  const found = await realpath(join(code, folder)).catch(() => null);
  const shown = folder === '.' ? 'The folder of the agent' : `The folder ${quote(folder)} of the agent`;
  if (checkout === null || found === null) throw new PloinkyError('FOLDER_NOT_SERVED', `${shown} is not there.`);
  if (found !== checkout && !found.startsWith(checkout + sep)) {
    throw new PloinkyError('FOLDER_NOT_SERVED', `${shown} is a link that leads out of it.`);
  }
  if (!(await stat(found)).isDirectory()) throw new PloinkyError('FOLDER_NOT_SERVED', `${shown} is no folder.`);
}
