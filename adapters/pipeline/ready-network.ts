import { sameJson } from '../../core/json/same-json.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import { networkName } from '../../core/names/names.ts';
import { reconcileNetworks } from '../../decisions/reconcile-networks.ts';
import type { Engine } from '../engine/engine-port.ts';
import type { EngineNetwork, EngineNetworks } from '../engine/network-port.ts';
import { makeReady, type Needed } from './make-ready.ts';
import type { World } from './world.ts';

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
  const name = networkName(deployment, world.cloudId);
  await world.turns.run(streamOfNetwork(`${engine.name}/${name}`), async () => {
    signal.throwIfAborted();
    await makeReady(world, needed(world, networks, { name, engine: engine.name, deployment }, signal), origin);
  });
}

function needed(
  { views }: World,
  networks: EngineNetworks,
  data: { readonly name: string; readonly engine: string; readonly deployment: string },
  signal: AbortSignal,
): Needed<EngineNetwork> {
  const { name, engine, deployment } = data;
  const id = `${engine}/${name}`;
  const stream = streamOfNetwork(id);
  const known = () => views.networks.get(id);
  return {
    engine,
    known,
    find: () => networks.ensure({ name, deployment }, { create: false, signal }),
    make: () => networks.ensure({ name, deployment }, { create: true, signal }),
    isAsKnown: ({ subnets, metadata }) => sameJson(known()?.subnets, subnets) && known()?.metadata === metadata,
    lost: (reason) => ({ type: 'network.lost', stream, data: { reason } }),
    requested: () => ({ type: 'network.createRequested', stream, data }),
    created({ engineId, subnets, metadata }, found) {
      return { type: 'network.created', stream, data: { engineId, subnets: [...subnets], found, metadata } };
    },
  };
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
  const stream = streamOfNetwork(id);
  await world.turns.run(stream, async () => {
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

/** Of its events, and of what has its turn with it. */
export function streamOfNetwork(id: string): string {
  return `network:${id}`;
}
