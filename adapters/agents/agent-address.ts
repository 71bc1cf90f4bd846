import type { Container } from '../../projections/containers.ts';
import type { World } from '../pipeline/world.ts';
import type { AgentAddress } from './agent-port.ts';

/** Entities are replaced when something of them changed. */
const known = new WeakMap<Container, AgentAddress>();

/** Where a container's AgentCore can be reached. Asks the engine only where sockets cannot be shared. */
export async function addressOf(world: World, container: Container): Promise<AgentAddress> {
  const found = known.get(container);
  if (found) return found;
  const { run, queue } = world.paths.release(container.deployment, container.release, container.replica);
  const address = { runFolder: run, queueFolder: queue, tcp: await publishedPort(world, container) };
  // A published port may change without an event.
  if (address.tcp === null) known.set(container, address);
  return address;
}

async function publishedPort(world: World, container: Container): Promise<AgentAddress['tcp']> {
  if (process.platform === 'linux') return null;
  const engine = await world.engines.get(container.engine);
  const sightings = await engine.list(AbortSignal.timeout(5_000));
  const port = sightings.find((sighting) => sighting.name === container.name)?.hostPort ?? null;
  return port === null ? null : { host: '127.0.0.1', port };
}
