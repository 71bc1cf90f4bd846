import { type EngineSearch, type FindEngineOptions, findEngine } from '../engine/find-engine.ts';
import { podmanPlaces } from './podman-places.ts';

/**
 * A Podman service that answers, or why there is none at each place; it may stand at one of Docker's places.
 * Turn a failure into an error with `engineNotFound('podman', search.tried)`.
 */
export function findPodmanEngine(options: FindEngineOptions): Promise<EngineSearch> {
  return findEngine('podman', podmanPlaces, options);
}
