import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import { needsImage } from '../../decisions/serves-files.ts';
import { wantedImage } from '../../decisions/wanted-image.ts';
import type { Release } from '../../projections/releases.ts';
import type { ResolvedImage } from '../engine/engine-port.ts';
import { pullProgress } from './pull-progress.ts';
import { resolveDefaultImage } from './resolve-default-image.ts';
import { resolvePinnedImage } from './resolve-pinned.ts';
import type { World } from './world.ts';

/** Tag → content, pulled when it is not there. What was taken instead of the default image is named as it is. */
export async function resolveImage(world: World, release: Release, signal: AbortSignal): Promise<PloinkyDraft[]> {
  const data = await resolved(world, release, signal);
  return [{ type: 'release.imageResolved', stream: `release:${release.id}`, data: { ...data } }];
}

async function resolved(world: World, release: Release, signal: AbortSignal): Promise<ResolvedImage> {
  if (!needsImage(release)) return { reference: null, imageId: null, digest: null };
  const engine = await world.engines.get(release.engine);
  if (release.pinned) return resolvePinnedImage(world, engine, release, release.pinned, signal);
  const { reference, byDefault } = wantedImage(release, world.settings());
  const about = { release: release.id, image: reference };
  const silent = (line: string) => world.logger.debug(about, line);
  if (engine.name === 'process') return engine.resolveImage(null, { signal, onProgress: silent });
  const onProgress = pullProgress(world, release, reference);
  if (!byDefault) return engine.resolveImage(reference, { signal, onProgress });
  const onFallback = (reason: string, taken: string) =>
    world.logger.warn({ ...about, taken }, `${reason} Taking ${taken} instead, made of this machine's own Node.`);
  return resolveDefaultImage(engine, reference, { signal, onProgress, onFallback });
}
