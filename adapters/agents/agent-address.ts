import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Container } from '../../projections/containers.ts';
import type { World } from '../pipeline/world.ts';
import type { AgentAddress, AgentTransport } from './agent-port.ts';

/** What is needed to find a container's agent. */
export interface AddressBook {
  readonly paths: Pick<World['paths'], 'release'>;
  readonly engines: Pick<World['engines'], 'get'>;
}

/** Entities are replaced when something of them changed. */
const known = new WeakMap<Container, AgentAddress>();

/** Without a promise, once it was found. */
export function knownAddress(container: Container): AgentAddress | undefined {
  return known.get(container);
}

/** Where a container's AgentCore can be reached. Asks the engine only where sockets cannot be shared. */
export async function addressOf(world: AddressBook, container: Container): Promise<AgentAddress> {
  const found = knownAddress(container);
  if (found) return found;
  const { run, queue } = world.paths.release(container.deployment, container.release, container.replica);
  const address = { runFolder: run, queueFolder: queue, tcp: await publishedPort(world, container) };
  // A published port may change without an event.
  if (address.tcp === null) known.set(container, address);
  return address;
}

/** How tasks reach a container. @throws PloinkyError TAKES_NO_TASKS for a web service */
export function transportOf({ transports }: Pick<World, 'transports'>, container: Container): AgentTransport {
  if (container.transport === 'web') throw takesNoTasks(container.deployment);
  return transports[container.transport ?? 'http'];
}

/** @throws PloinkyError TAKES_NO_TASKS */
export function refuseWeb({ transport, deployment }: Pick<Container, 'transport' | 'deployment'>): void {
  if (transport === 'web') throw takesNoTasks(deployment);
}

export function takesNoTasks(deployment: string): PloinkyError {
  return new PloinkyError('TAKES_NO_TASKS', `${deployment} is a web service: it answers HTTP and has no commands.`, {
    hint: `Ask it as a browser would, for example with \`curl\`; see docs/web-services.md.`,
  });
}

export function siteTakesNoTasks(deployment: string): PloinkyError {
  return new PloinkyError('TAKES_NO_TASKS', `${deployment} serves files, and has no commands.`);
}

async function publishedPort(world: AddressBook, container: Container): Promise<AgentAddress['tcp']> {
  if (process.platform === 'linux') return null;
  const engine = await world.engines.get(container.engine);
  const sightings = await engine.list(AbortSignal.timeout(5_000));
  const port = sightings.find((sighting) => sighting.name === container.name)?.hostPort ?? null;
  return port === null ? null : { host: '127.0.0.1', port };
}
