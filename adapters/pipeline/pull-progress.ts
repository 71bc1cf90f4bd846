import type { Release } from '../../projections/releases.ts';
import type { World } from './world.ts';

/** For the log of the server, and for whoever follows the release. */
export function pullProgress(
  { logger, progress }: World,
  release: Pick<Release, 'id'>,
  image: string | null,
): (line: string) => void {
  return (line) => {
    logger.debug({ release: release.id, image }, line);
    progress.say(release.id, 'image', [line]);
  };
}
