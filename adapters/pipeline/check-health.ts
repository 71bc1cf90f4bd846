import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import type { Container } from '../../projections/containers.ts';
import type { Release } from '../../projections/releases.ts';
import { addressOf } from '../agents/agent-address.ts';
import type { AgentAddress, AgentHealth } from '../agents/agent-port.ts';
import { redactorOf } from '../secrets/release-values.ts';
import { lastLines } from './install-release.ts';
import { ServiceProbe } from './probe-service.ts';
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
  const ask = await probeOf(world, release, container);
  let looked = begun;
  while (!signal.aborted) {
    const health = await ask(signal);
    if (health) {
      const afterMs = Math.round(performance.now() - begun);
      return [{ type: 'container.healthy', stream: `container:${container.name}`, data: { ...health, afterMs } }];
    }
    if (performance.now() - looked > lookEveryMs) {
      await world.look(container.engine);
      looked = performance.now();
    }
    await pause(probeEveryMs, signal);
  }
  throw signal.reason;
}

type Health = Omit<Extract<PloinkyDraft, { type: 'container.healthy' }>['data'], 'afterMs'>;

/** How it is found out whether it answers; null = not yet. */
async function probeOf(
  world: World,
  release: Release,
  container: Container,
): Promise<(signal: AbortSignal) => Promise<Health | null>> {
  if (release.source?.manifest.web) {
    const service = new ServiceProbe(world, release, container);
    return async (signal) => {
      const found = await service.ask(signal);
      return found && { transport: 'web', bootId: null, port: found.port };
    };
  }
  const address = await addressOf(world, container);
  return async (signal) => {
    const health = await probe(world, release, address, signal);
    return health && { ...health, port: null };
  };
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
  const web = release?.source?.manifest.web;
  if (!web) return new PloinkyError('NOT_HEALTHY', `The agent did not answer within ${waited} ms. ${said}`);
  return new PloinkyError('NOT_HEALTHY', `The web service did not answer HTTP within ${waited} ms. ${said}`, {
    hint: `It has to listen on the port in the variable PORT, on all addresses of its container, or on the socket in PLOINKY_SOCKET; raise the setting agentStartTimeoutMs when it only starts slowly.`,
  });
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
