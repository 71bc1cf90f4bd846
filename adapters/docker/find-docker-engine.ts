import { type EngineSearch, type FindEngineOptions, findEngine } from '../engine/find-engine.ts';
import { dockerPlaces } from './docker-places.ts';

/**
 * A Docker that answers, or why there is none at each place. A socket of Docker behind which Podman answers does not count.
 * Turn a failure into an error with `engineNotFound('docker', search.tried)`.
 */
export function findDockerEngine(options: FindEngineOptions): Promise<EngineSearch> {
  return findEngine('docker', dockerPlaces, options);
}
