import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Release } from '../../projections/releases.ts';
import type { Engine, ResolvedImage } from '../engine/engine-port.ts';
import { hostImage } from '../engine/host-image.ts';
import { resolvePinnedImage } from './resolve-pinned.ts';
import type { World } from './world.ts';

/**
 * The image of a release that serves, after somebody deleted it from the engine: the same content from its registry; of
 * one that was made of this machine's own Node, made again.
 * @throws PloinkyError IMAGE_NOT_FOUND, IMAGE_PULL_FAILED when it cannot be had again
 */
export async function restoreImage(
  world: World,
  engine: Engine,
  release: Release,
  signal: AbortSignal,
): Promise<ResolvedImage> {
  const { image, n } = release;
  if (!image) throw new PloinkyError('IMAGE_NOT_FOUND', `Release ${n} has no image.`);
  world.logger.warn({ release: release.id, image: image.reference }, 'its image was deleted from the engine');
  if (image.reference === hostImage) return engine.importHostImage(signal);
  // What is pinned to a release says which content is wanted; the release wants its own.
  const pinned = { ...(release.pinned ?? nothingPinned), release: n, image };
  return resolvePinnedImage(world, engine, release, pinned, signal);
}

const nothingPinned = { repository: '', url: '', branch: null, commit: '', secrets: {} };

/** Whether starting failed for want of the image of the container, and of nothing else. */
export function lacksImage(error: unknown): boolean {
  return isPloinkyError(error, 'IMAGE_NOT_FOUND');
}
