import { join } from 'node:path';
import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Container } from '../../projections/containers.ts';
import type { Release } from '../../projections/releases.ts';
import type { UpstreamAddress } from '../http/pass-through/upstream-connection.ts';
import { askHttp, askTcp, type ServiceAnswer } from './ask-service.ts';
import { webSocketFile } from './paths.ts';
import { type Probe, type ProbeAnswer, silent, unwell } from './probe.ts';
import type { World } from './world.ts';

const listEveryMs = 500;
/** Before the port is asked, the socket: a service that has one answers there at once. */
const socketMs = 1_000;

type Check = NonNullable<Release['source']>['manifest']['health']['check'];

/** Asks a web service where it listens: on its socket, else on the port that its engine published. */
export function serviceProbe(world: World, release: Release, container: Container): Probe {
  const { run } = world.paths.release(container.deployment, container.release, container.replica);
  const socket: UpstreamAddress = { socketPath: join(run, webSocketFile) };
  const ask = questionOf(release);
  const ports = new PublishedPort(world, container);
  return async (signal, withinMs) => {
    // Once it is known where it listens, requests go there and nowhere else.
    if (container.status === 'healthy') {
      const { port } = container;
      return ask(port === null ? socket : { host: '127.0.0.1', port }, port, withinMs, signal);
    }
    const bySocket = await ask(socket, null, Math.min(withinMs, socketMs), signal);
    if (bySocket.kind === 'well') return bySocket;
    let port: number | null;
    try {
      port = await ports.find(signal);
    } catch (error) {
      // The engine's trouble is not the container's.
      return { kind: 'unseen', problem: isPloinkyError(error) ? error.message : String(error) };
    }
    if (port === null) return bySocket;
    const byPort = await ask({ host: '127.0.0.1', port }, port, withinMs, signal);
    // Where it does answer on the socket, that is what it has to say.
    return byPort.kind !== 'well' && bySocket.kind === 'unwell' && bySocket.answered ? bySocket : byPort;
  };
}

type Ask = (
  address: UpstreamAddress,
  port: number | null,
  withinMs: number,
  signal: AbortSignal,
) => Promise<ProbeAnswer>;

function questionOf({ deployment, source }: Release): Ask {
  const manifest = source?.manifest;
  const slash = deployment.indexOf('/');
  const host = deployment.slice(0, slash);
  const check: Check = manifest?.health.check ?? { kind: 'agent' };
  const own = manifest?.web?.prefix === 'keep' ? deployment.slice(slash) : '/';
  return async (address, port, withinMs, signal) => {
    if (check.kind !== 'http') {
      const found = await askTcp(address, withinMs, signal);
      return 'silence' in found ? silent(`Port ${manifest?.web?.port ?? port} ${found.silence}`) : wellAt(port);
    }
    const target = check.path ?? own;
    return judged(await askHttp(address, { host, target }, withinMs, signal), target, check.statuses, port);
  };
}

function judged(
  answer: ServiceAnswer,
  target: string,
  { from, to }: { readonly from: number; readonly to: number },
  port: number | null,
): ProbeAnswer {
  if ('silence' in answer) return silent(`GET ${target}: the service ${answer.silence}`);
  const { status } = answer;
  if (status !== null && status >= from && status <= to) return wellAt(port);
  const wanted = from === to ? String(from) : `${from} to ${to}`;
  return unwell(`GET ${target} was answered with status ${status}, not with ${wanted}`);
}

function wellAt(port: number | null): ProbeAnswer {
  return { kind: 'well', health: { transport: 'web', bootId: null, port } };
}

/** Asked of the engine, for after a restart of the container it is another one. */
class PublishedPort {
  readonly #world: World;
  readonly #container: Container;
  #port: number | null = null;
  #listedAt = Number.NEGATIVE_INFINITY;

  constructor(world: World, container: Container) {
    this.#world = world;
    this.#container = container;
  }

  async find(signal: AbortSignal): Promise<number | null> {
    const now = performance.now();
    if (this.#port !== null || now - this.#listedAt < listEveryMs) return this.#port;
    this.#listedAt = now;
    const engine = await this.#world.engines.get(this.#container.engine);
    const sightings = await engine.list(signal);
    this.#port = sightings.find(({ name }) => name === this.#container.name)?.hostPort ?? null;
    return this.#port;
  }
}
