import type { Container } from '../../projections/containers.ts';
import type { Release } from '../../projections/releases.ts';
import { addressOf } from '../agents/agent-address.ts';
import type { AgentAddress, AgentHealth } from '../agents/agent-port.ts';
import { type Probe, silent } from './probe.ts';
import type { World } from './world.ts';

/** Asks AgentCore, by the transport that it is known to serve; before that is known, by each that it may serve. */
export function agentProbe(world: World, release: Release, container: Container): Probe {
  return async (signal, withinMs) => {
    const address = await addressOf(world, container);
    const ask = container.status === 'healthy' ? askAsKnown : askEither;
    const health = await ask(world, release, container, address, { signal, withinMs });
    if (health) return { kind: 'well', health: { ...health, port: null } };
    return silent(`AgentCore did not answer within ${withinMs} ms`);
  };
}

interface Limits {
  readonly signal: AbortSignal;
  readonly withinMs: number;
}

function askAsKnown(
  { transports }: World,
  _release: Release,
  { transport }: Container,
  address: AgentAddress,
  { signal, withinMs }: Limits,
): Promise<AgentHealth | null> {
  return transports[transport === 'queue' ? 'queue' : 'http'].probe(address, signal, withinMs);
}

async function askEither(
  { transports: { http, queue } }: World,
  release: Release,
  _container: Container,
  address: AgentAddress,
  { signal, withinMs }: Limits,
): Promise<AgentHealth | null> {
  const wanted = release.config.transport ?? release.source?.manifest.transport ?? null;
  if (wanted === 'queue') return queue.probe(address, signal, withinMs);
  const direct = await http.probe(address, signal, withinMs);
  if (direct !== null || wanted === 'http') return direct;
  const queued = await queue.probe(address, signal, withinMs);
  // AgentCore says last that it serves the queue: if it serves HTTP as well, it does so by now.
  return queued === null ? null : ((await http.probe(address, signal, withinMs)) ?? queued);
}
