import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../cli/package-root.ts';

/** The real server as a process of its own, which can be killed. */
export class ServerProcess {
  readonly dir: string;
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | null = null;
  #output = '';
  #port = 0;

  constructor(dir: string, env: Readonly<Record<string, string>> = {}) {
    this.dir = dir;
    this.#env = env;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The last words of the server, for a failing test. */
  get output(): string {
    return this.#output.slice(-4_000);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when it listens. The first start takes any free port, later ones the same. */
  async start(): Promise<void> {
    const program = join(packageRoot(), 'dist', 'cli', 'p-cloud.js');
    const args = [program, '--dir', this.dir, '--port', String(this.#port)];
    const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
    const child = spawn(process.execPath, args, {
      // What it and its agents put aside goes with the folder of the test.
      env: { ...env, TMPDIR: dirname(this.dir), ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-16_000);
      });
    }
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${this.output}`)));
      child.on('message', (message: { kind?: string; port?: number }) => {
        if (message.kind !== 'listening' || message.port === undefined) return;
        this.#port = message.port;
        resolve();
      });
    });
  }

  /** The end that nobody can prepare for. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
