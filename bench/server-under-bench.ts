import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../cli/package-root.ts';

/** A real server on the process engine, in a folder of its own that is removed at the end. */
export class ServerUnderBench {
  readonly dir = mkdtempSync(join(tmpdir(), 'pb-'));
  readonly #command: readonly string[];
  #child: ChildProcess | null = null;
  #apiKey = '';
  #port = 0;

  /**
   * @param program what is run, from the root of the project
   * @param options of Node
   */
  constructor(program = 'dist/cli/p-cloud.js', options: readonly string[] = []) {
    this.#command = [...options, join(packageRoot(), program)];
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** @returns milliseconds from the start of the process until it listens and has taken up its work */
  async start(): Promise<number> {
    const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
    const begun = performance.now();
    const child = spawn(process.execPath, [...this.#command, '--dir', this.dir, '--port', String(this.#port)], {
      env,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      // An interruption at the terminal is for the bench, which ends its servers in its own way.
      detached: true,
    });
    this.#child = child;
    const [message] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error('the server ended'))),
    ])) as [{ port: number }];
    this.#port = message.port;
    return performance.now() - begun;
  }

  async initialize(): Promise<void> {
    this.#apiKey = (await this.ask('POST', 'init')).apiKey as string;
    await this.ask('POST', 'settings', { engine: 'process', maxConcurrentTasks: 5_000 });
  }

  /** For `p-cli`: what a login gives. */
  async token(): Promise<string> {
    const response = await fetch(`${this.url}/auth`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ command: 'login', params: [this.#apiKey] }),
    });
    return ((await response.json()) as { authorizationToken: string }).authorizationToken;
  }

  /** An answer of one JSON text a line. */
  async lines<T>(route: string): Promise<T[]> {
    const response = await fetch(`${this.url}/management/api/${route}`, { headers: { 'x-api-key': this.#apiKey } });
    const text = await response.text();
    return text.split('\n').flatMap((line) => (line === '' ? [] : (JSON.parse(line) as T)));
  }

  async deploy(wanted: {
    path: string;
    agent: string;
    repository?: string;
    transport?: 'http' | 'queue';
  }): Promise<void> {
    await this.ask('POST', 'deployments', { domain: 'localhost', ...wanted });
  }

  async ask(method: string, route: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.url}/management/api/${route}`, {
      method,
      headers: { 'content-type': 'application/json', ...(this.#apiKey ? { 'x-api-key': this.#apiKey } : {}) },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw new Error(`${route}: ${String(answer.message ?? JSON.stringify(answer))}`);
    return answer;
  }

  /** Resident memory in MiB. */
  rss(): number {
    const status = readFileSync(`/proc/${this.#child?.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  }

  /** The most that was resident since the start, in MiB. */
  peakRss(): number {
    const status = readFileSync(`/proc/${this.#child?.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  }

  /** Runs `work` and leaves nothing behind, whatever comes of it. */
  static async during<T>(
    work: (server: ServerUnderBench) => Promise<T>,
    server: ServerUnderBench = new ServerUnderBench(),
  ): Promise<T> {
    try {
      await server.start();
      await server.initialize();
      return await work(server);
    } finally {
      await server.end();
    }
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    this.#child = null;
  }

  /** Agents, server and folder. */
  async end(): Promise<void> {
    await this.ask('POST', 'stopAndDeleteAll');
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
