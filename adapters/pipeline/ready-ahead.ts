import type { Origin } from '../../core/kernel/stamp.ts';
import type { Release } from '../../projections/releases.ts';
import { networkOf } from './network-of.ts';
import { readyNetwork } from './ready-network.ts';
import type { World } from './world.ts';

/**
 * Makes the network of a release beside its files, so that its start finds it. What fails here is tried again by whoever
 * needs the network, and told there. Never rejects.
 */
export async function readyAhead(world: World, release: Release, origin: Origin, signal: AbortSignal): Promise<void> {
  if (networkOf(release, world.cloudId) === 'none') return;
  try {
    const engine = await world.engines.get(release.engine);
    await readyNetwork(world, engine, release.deployment, origin, signal);
  } catch (error) {
    if (!signal.aborted) world.logger.debug({ release: release.id, err: error }, 'its network is not ready yet');
  }
}
