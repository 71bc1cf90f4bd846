import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import type { Release } from '../../projections/releases.ts';
import type { World } from './world.ts';

/** Tag → content, pulled when it is not there. */
export async function resolveImage(world: World, release: Release, signal: AbortSignal): Promise<PloinkyDraft[]> {
  const engine = await world.engines.get(release.engine);
  const wanted = release.config.image ?? release.source?.manifest.image ?? world.settings().defaultImage;
  const reference = engine.name === 'process' ? null : wanted;
  const onProgress = (line: string) => world.logger.debug({ release: release.id, image: wanted }, line);
  const data = await engine.resolveImage(reference, { signal, onProgress });
  return [{ type: 'release.imageResolved', stream: `release:${release.id}`, data: { ...data } }];
}
