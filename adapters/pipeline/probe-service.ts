import { connect } from 'node:net';
import { join } from 'node:path';
import type { Container } from '../../projections/containers.ts';
import type { Release } from '../../projections/releases.ts';
import type { UpstreamAddress } from '../http/pass-through/upstream-connection.ts';
import { webSocketFile } from './paths.ts';
import type { World } from './world.ts';

/** Docker's proxy takes connections long before the program does, and keeps them: only an answer counts. */
const probeMs = 1_000;
const listEveryMs = 500;

/** Asks whether a web service answers, and where: on its socket, else on the port that its engine published. */
export class ServiceProbe {
  readonly #world: World;
  readonly #container: Container;
  readonly #socketPath: string;
  readonly #target: string;
  readonly #host: string;
  #port: number | null = null;
  #listedAt = Number.NEGATIVE_INFINITY;

  constructor(world: World, release: Release, container: Container) {
    const { run } = world.paths.release(container.deployment, container.release, container.replica);
    this.#world = world;
    this.#container = container;
    this.#socketPath = join(run, webSocketFile);
    const { deployment } = release;
    const slash = deployment.indexOf('/');
    this.#host = deployment.slice(0, slash);
    this.#target = release.source?.manifest.web?.prefix === 'keep' ? deployment.slice(slash) : '/';
  }

  /** Any HTTP answer is one, whatever its status. null = none yet; `port` null = on its socket. */
  async ask(signal: AbortSignal): Promise<{ port: number | null } | null> {
    if (await this.#answers({ socketPath: this.#socketPath })) return { port: null };
    const port = await this.#publishedPort(signal);
    return port !== null && (await this.#answers({ host: '127.0.0.1', port })) ? { port } : null;
  }

  /** Asked of the engine, for after a restart of the container it is another one. */
  async #publishedPort(signal: AbortSignal): Promise<number | null> {
    const now = performance.now();
    if (this.#port !== null || now - this.#listedAt < listEveryMs) return this.#port;
    this.#listedAt = now;
    const engine = await this.#world.engines.get(this.#container.engine);
    const sightings = await engine.list(signal);
    this.#port = sightings.find(({ name }) => name === this.#container.name)?.hostPort ?? null;
    return this.#port;
  }

  #answers(address: UpstreamAddress): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = 'socketPath' in address ? connect(address.socketPath) : connect(address.port, address.host);
      let text = '';
      const timer = setTimeout(() => socket.destroy(), probeMs);
      socket.on('connect', () => {
        const lines = [
          `GET ${this.#target} HTTP/1.1`,
          `Host: ${this.#host}`,
          'User-Agent: Ploinky',
          'Connection: close',
        ];
        socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      });
      socket.on('data', (bytes) => {
        if (text.length < 12) text += bytes.toString('latin1', 0, 12);
        // The rest is read and forgotten, so that the service does not log a client that hung up.
        if (text.length >= 12) resolve(/^HTTP\/1\.[01] \d\d\d/.test(text));
      });
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        clearTimeout(timer);
        resolve(false);
      });
    });
  }
}
