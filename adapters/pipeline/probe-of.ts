import type { Container } from '../../projections/containers.ts';
import type { Release } from '../../projections/releases.ts';
import type { Probe } from './probe.ts';
import { agentProbe } from './probe-agent.ts';
import { execProbe } from './probe-exec.ts';
import { serviceProbe } from './probe-service.ts';
import type { World } from './world.ts';

/**
 * How it is found out whether a container is well. What gets calls or requests has to answer whatever its manifest says
 * besides: a command that ends well is of no use to a caller.
 */
export function probeOf(world: World, release: Release, container: Container): Probe {
  const { web, health } = release.source?.manifest ?? {};
  const answers = web ? serviceProbe(world, release, container) : agentProbe(world, release, container);
  if (health?.check.kind !== 'exec') return answers;
  const command = execProbe(world, release, container, health.check.command);
  return async (signal, withinMs) => {
    const answer = await answers(signal, withinMs);
    if (answer.kind !== 'well') return answer;
    const own = await command(signal, withinMs);
    return own.kind === 'well' ? answer : own;
  };
}
