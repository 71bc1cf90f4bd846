import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import type { Container } from '../../projections/containers.ts';
import type { Release } from '../../projections/releases.ts';
import { addressOf } from '../agents/agent-address.ts';
import type { AgentAddress, AgentHealth } from '../agents/agent-port.ts';
import { redactorOf } from '../secrets/release-values.ts';
import { lastLines } from './install-release.ts';
import type { World } from './world.ts';

/** Between two probes. The socket appears within this of AgentCore listening. */
const probeEveryMs = 25;
/** How often the engine is asked whether it still runs, in case its own notice was lost. */
const lookEveryMs = 1_000;

/** Probes until the agent answers; its time is up when the effect's deadline aborts. */
export async function checkHealth(
  world: World,
  release: Release,
  container: Container,
  signal: AbortSignal,
): Promise<PloinkyDraft[]> {
  const begun = performance.now();
  const address = await addressOf(world, container);
  let looked = begun;
  while (!signal.aborted) {
    const health = await probe(world, release, address, signal);
    if (health) {
      const afterMs = Math.round(performance.now() - begun);
      const { transport, bootId } = health;
      return [
        { type: 'container.healthy', stream: `container:${container.name}`, data: { transport, bootId, afterMs } },
      ];
    }
    if (performance.now() - looked > lookEveryMs) {
      await world.look(container.engine);
      looked = performance.now();
    }
    await pause(probeEveryMs, signal);
  }
  throw signal.reason;
}

/** The error of an agent that never answered, with its last words. */
export async function notHealthy(
  world: World,
  release: Release | undefined,
  container: Container,
): Promise<PloinkyError> {
  const engine = await world.engines.get(container.engine);
  const signal = AbortSignal.timeout(5_000);
  const redact = await redactorOf(world.secrets, release);
  const output = redact(await engine.output(container.name, { tailLines: 20, signal }).catch(() => ''));
  const waited = world.settings().agentStartTimeoutMs;
  const said = output.trim() === '' ? 'It wrote nothing.' : `Its last lines: ${lastLines(output, 5, 500)}`;
  return new PloinkyError('NOT_HEALTHY', `The agent did not answer within ${waited} ms. ${said}`);
}

async function probe(
  world: World,
  release: Release,
  address: AgentAddress,
  signal: AbortSignal,
): Promise<AgentHealth | null> {
  const { http, queue } = world.transports;
  const wanted = release.config.transport ?? release.source?.manifest.transport ?? null;
  if (wanted === 'queue') return queue.probe(address, signal);
  const direct = await http.probe(address, signal);
  if (direct !== null || wanted === 'http') return direct;
  const queued = await queue.probe(address, signal);
  // AgentCore says last that it serves the queue: if it serves HTTP as well, it does so by now.
  return queued === null ? null : ((await http.probe(address, signal)) ?? queued);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
