import { sameJson } from '../../core/json/same-json.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import { networkName } from '../../core/names/names.ts';
import { reconcileNetworks } from '../../decisions/reconcile-networks.ts';
import type { Engine } from '../engine/engine-port.ts';
import { OneAtATime } from '../engine/one-at-a-time.ts';
import type { World } from './world.ts';

/** Several containers of a deployment start at the same time, and one may start while the network of before goes. */
const turns = new OneAtATime();

/**
 * Sees to it that the private network of a deployment is there: intent, then the engine, then what it said. One that is
 * there costs a question.
 * @throws PloinkyError NAME_TAKEN, NETWORKS_EXHAUSTED, and what every call to an engine throws
 */
export async function readyNetwork(
  world: World,
  engine: Engine,
  deployment: string,
  origin: Origin,
  signal: AbortSignal,
): Promise<void> {
  const { networks } = engine;
  if (!networks) return;
  const { record, views } = world;
  const name = networkName(deployment, world.cloudId);
  const id = `${engine.name}/${name}`;
  const stream = `network:${id}`;
  const wanted = { name, deployment };
  await turns.run(`${world.cloudId}:${id}`, async () => {
    signal.throwIfAborted();
    const known = views.networks.get(id);
    let found = await networks.ensure(wanted, { create: false, signal });
    if (known?.status === 'created' && found) {
      const { subnets, metadata } = found;
      if (sameJson(known.subnets, subnets) && known.metadata === metadata) return;
    } else if (known?.status === 'created') {
      const reason = `${engine.name} does not know it any more`;
      await record([{ type: 'network.lost', stream, data: { reason } }], origin);
    }
    const status = views.networks.get(id)?.status;
    if (status !== 'createRequested' && status !== 'created') {
      const data = { name, engine: engine.name, deployment };
      await record([{ type: 'network.createRequested', stream, data }], origin);
    }
    const before = found !== null;
    found ??= await networks.ensure(wanted, { create: true, signal });
    const { engineId, subnets, metadata } = found;
    const cause = views.networks.get(id)?.lastEvent ?? origin.cause;
    const data = { engineId, subnets: [...subnets], found: before, metadata };
    await record([{ type: 'network.created', stream, data }], { ...origin, cause });
  });
}

/** Intent, then the engine. Does nothing when it is wanted again meanwhile. */
export async function removeNetwork(
  world: World,
  id: string,
  reason: string,
  origin: Origin,
  signal: AbortSignal,
): Promise<void> {
  const { record, views } = world;
  const stream = `network:${id}`;
  await turns.run(`${world.cloudId}:${id}`, async () => {
    signal.throwIfAborted();
    const known = views.networks.get(id);
    if (!known || !reconcileNetworks(views).some((effect) => effect.network === id)) return;
    if (known.status !== 'removeRequested') {
      await record([{ type: 'network.removeRequested', stream, data: { reason } }], origin);
    }
    const engine = await world.engines.get(known.engine);
    await engine.networks?.remove(known.name, signal);
    const cause = views.networks.get(id)?.lastEvent ?? origin.cause;
    await record([{ type: 'network.removed', stream, data: {} }], { ...origin, cause });
  });
}
