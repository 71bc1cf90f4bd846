import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import Docker from 'dockerode';
import { restartDelayMs } from '../../decisions/restart-delay.ts';

/** As an agent of the same kind does it, without anything of ours in the container. */
const programs = {
  crashing: ['sh', '-c', 'node -e "setInterval(() => {}, 1000)" & sleep 2; exit 1'],
  eating: [
    'node',
    '-e',
    'const kept = []; setTimeout(() => setInterval(() => kept.push(Buffer.alloc(8 << 20, 1)), 20), 500)',
  ],
  bombing: [
    'node',
    '-e',
    "setTimeout(() => require('node:child_process').spawn('sh', ['-c', 'f() { f | f & }; f']), 300); setInterval(() => {}, 1000)",
  ],
};
/** The bad ones in containers made by nobody but Docker, with the limits that `docker run` would be given. */
export class PlainNeighbours {
  readonly #docker: Docker;
  readonly #image: string;
  readonly #limits: { readonly memoryBytes: number; readonly cpus: number };
  readonly #waiting: Promise<void>[] = [];
  #stop = new AbortController();

  constructor(socketPath: string, image: string, limits: { readonly memoryBytes: number; readonly cpus: number }) {
    this.#docker = new Docker({ socketPath });
    this.#image = image;
    this.#limits = limits;
  }

  async start(): Promise<void> {
    this.#stop = new AbortController();
    for (const [name, command] of Object.entries(programs)) {
      const { memoryBytes, cpus } = this.#limits;
      const container = await this.#docker.createContainer({
        name: `plain-${name}`,
        Image: this.#image,
        Cmd: command,
        HostConfig: {
          Init: true,
          NetworkMode: 'none',
          Memory: memoryBytes,
          MemorySwap: memoryBytes,
          NanoCpus: cpus * 1e9,
          PidsLimit: 512,
        },
      });
      await container.start();
      this.#waiting.push(this.#startAgain(container, this.#stop.signal));
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const name of Object.keys(programs)) {
      await this.#docker.getContainer(`plain-${name}`).remove({ force: true });
    }
    await Promise.all(this.#waiting.splice(0));
  }

  async #startAgain(container: Docker.Container, signal: AbortSignal): Promise<void> {
    // With the pauses that a server of ours makes.
    for (let failures = 1; ; failures += 1) {
      // Removed while it is waited for: then it was told to stop.
      await container.wait().catch(() => undefined);
      if (signal.aborted || !(await waited(restartDelayMs(failures), signal))) return;
      await container.start().catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }
}

/** False when it was cut short. */
function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  return delay(ms, true, { signal }).catch(() => false);
}

const bare = `
  const server = require('node:http').createServer((request, response) => {
    request.resume().once('end', () => response.end('{"ok":true}'));
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

/** A process that answers requests and does nothing else. */
export class BareProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  static async start(): Promise<BareProcess> {
    const child = spawn(process.execPath, ['-e', bare], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [port] = await once(child.stdout, 'data');
    return new BareProcess(`http://127.0.0.1:${String(port).trim()}`, child);
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
