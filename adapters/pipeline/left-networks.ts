import type { Engine } from '../engine/engine-port.ts';
import { streamOfNetwork } from './ready-network.ts';
import type { World } from './world.ts';

/**
 * Removes networks with our label that the log does not have. An engine that is slow makes one although whoever asked for it
 * was killed or no longer waits, and the removal that followed found none.
 * @param world with views that throw where they are behind the log: what they lack may be needed
 * @throws PloinkyError PROJECTION_STOPPED, and what every call to an engine throws
 */
export async function removeLeftNetworks(world: World, engine: Engine, signal: AbortSignal): Promise<void> {
  const { views, turns, logger } = world;
  for (const { name } of (await engine.networks?.list(signal)) ?? []) {
    const id = `${engine.name}/${name}`;
    if (views.networks.has(id)) continue;
    await turns.run(streamOfNetwork(id), async () => {
      // Whoever makes one says so in the log before.
      if (views.networks.has(id)) return;
      const about = { network: name, engine: engine.name };
      logger.warn(about, 'removing a network of ours that no event names');
      try {
        await engine.networks?.remove(name, signal);
      } catch (error) {
        // Somebody may have put a container into it. The others can go all the same.
        logger.warn({ ...about, err: error }, 'a network of ours that no event names could not be removed');
      }
    });
  }
}
