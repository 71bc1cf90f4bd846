import type { Engine } from '../engine/engine-port.ts';
import { streamOfNetwork } from './ready-network.ts';
import type { World } from './world.ts';

/**
 * Removes networks with our label that the log does not have. An engine that is slow makes one although whoever asked for it
 * was killed or no longer waits, and the removal that followed found none.
 */
export async function removeLeftNetworks(world: World, engine: Engine, signal: AbortSignal): Promise<void> {
  const { views, turns, logger } = world;
  for (const { name } of (await engine.networks?.list(signal)) ?? []) {
    const id = `${engine.name}/${name}`;
    if (views.networks.has(id)) continue;
    await turns.run(streamOfNetwork(id), async () => {
      // Whoever makes one says so in the log before.
      if (views.networks.has(id)) return;
      logger.warn({ network: name, engine: engine.name }, 'removing a network of ours that no event names');
      await engine.networks?.remove(name, signal);
    });
  }
}
