import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A server of this checkout, as a child of this process. */
export class Server {
  #child;

  /** @param {import('node:child_process').ChildProcess} child @param {string} url */
  constructor(child, url) {
    this.#child = child;
    this.url = url;
  }

  /** Resolves when the server ends, asked or not, with its exit code. */
  async ended() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    return this.#child.exitCode;
  }

  /** Ends it in its own time. */
  async stop() {
    this.#child.kill('SIGTERM');
    await this.ended();
  }
}

/**
 * Starts p-cloud and waits until it listens. Without a port it takes 8000, or any free one where that is taken.
 * @param {{ root: string, folder: string, port?: number }} options
 * @throws {Error} with the server's own words
 */
export async function startServer({ root, folder, port }) {
  const first = await launch(root, folder, port ?? 8000);
  if (first.server) return first.server;
  if (port === undefined && first.problem.code === 'PORT_IN_USE') {
    process.stdout.write('Port 8000 is taken; taking a free one.\n');
    const second = await launch(root, folder, 0);
    if (second.server) return second.server;
    throw new Error(second.problem.message);
  }
  throw new Error(first.problem.message);
}

async function launch(root, folder, port) {
  // In a process group of its own: Ctrl-C reaches this process alone, which stops the agents first.
  const child = fork(join(root, 'bin/p-cloud'), ['--dir', folder, '--port', `${port}`], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const message = await Promise.race([
    once(child, 'message').then(([value]) => value),
    once(child, 'exit').then(([code]) => ({ kind: 'failed', problem: { message: `p-cloud ended with ${code}.` } })),
  ]);
  if (message.kind === 'listening') return { server: new Server(child, message.url) };
  return { problem: message.problem };
}
