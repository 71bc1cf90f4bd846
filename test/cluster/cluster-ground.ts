import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCounterRepository } from '../crash/counter-agent.ts';
import { eventually, Operator } from '../crash/operator.ts';
import { ServerProcess } from '../crash/server-process.ts';

export interface ShownWorker {
  readonly pid: number;
  readonly restarts: number;
  readonly connections: number;
  readonly serving: boolean;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  readonly body: any;
}

export interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is. */
  readonly text?: string;
  readonly agent?: Agent;
}

/** A real server with workers and one agent that is called, each a process of its own. */
export class ClusterGround {
  readonly server: ServerProcess;
  readonly operator: Operator;
  readonly #folder: string;

  private constructor(env: Readonly<Record<string, string>>) {
    this.#folder = mkdtempSync(join(tmpdir(), 'pk-'));
    this.server = new ServerProcess(join(this.#folder, 'c'), env);
    this.operator = new Operator(this.server);
  }

  /** The agent \`counter\` is deployed at /counter, and the server has started again with so many workers. */
  static async make(workersCount: number, env: Readonly<Record<string, string>> = {}): Promise<ClusterGround> {
    const ground = new ClusterGround(env);
    const { server, operator } = ground;
    try {
      await server.start();
      await operator.initialize();
      await operator.set({ engine: 'process', 'git.allowLocal': true, stopGraceMs: 2_000, workersCount });
      const url = makeCounterRepository(join(ground.#folder, 'repository'));
      await operator.request('POST', '/management/api/repositories', { name: 'own', url });
      await ground.deploy('/counter');
      await server.kill('SIGTERM');
      await server.start();
    } catch (error) {
      await ground.clear();
      throw error;
    }
    return ground;
  }

  /** Ends what runs, agents too, and removes the folder. */
  async clear(): Promise<void> {
    const { server, operator } = this;
    await server.kill();
    await server.start().catch(() => {});
    await operator.request('POST', '/management/api/stopAndDeleteAll').catch(() => {});
    await server.kill('SIGTERM');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async deploy(path: string, agent = 'counter', repository = 'own'): Promise<void> {
    const body = { domain: 'localhost', path, agent, repository };
    const answer = await this.operator.request('POST', '/management/api/deployments', body);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  }

  async workers(): Promise<readonly ShownWorker[]> {
    const { body } = await this.operator.request('GET', '/management/api/health');
    return body.workers;
  }

  /** Until as many serve; the others than \`without\`. */
  workersServing(count: number, without: readonly number[] = []): Promise<readonly ShownWorker[]> {
    return eventually(`${count} workers serve`, 20, async () => {
      const workers = await this.workers();
      const serving = workers.filter(({ serving: up, pid }) => up && !without.includes(pid));
      return serving.length === count ? serving : undefined;
    });
  }

  /** Each over a connection of its own, all at once, so that every worker gets some. Rejects when one is not answered. */
  askAll(times: number, method: string, path: string, given: Asked = {}) {
    return Promise.all(Array.from({ length: times }, () => this.ask(method, path, given)));
  }

  /** Over a new connection, or over those of \`agent\`. */
  ask(method: string, path: string, { headers = {}, body, agent, ...given }: Asked = {}): Promise<Reply> {
    const text = body === undefined ? given.text : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const type = text === undefined ? {} : { 'content-type': 'application/json' };
      const asked = request(this.server.url + path, {
        method,
        agent: agent ?? false,
        headers: { ...type, ...headers },
      });
      asked.on('error', reject);
      asked.on('response', (response) => {
        let answer = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          answer += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed(answer) });
        });
      });
      asked.end(text);
    });
  }

  call(params: readonly unknown[], agent?: Agent): Promise<Reply> {
    return this.ask('POST', '/counter/count', { body: { params }, ...(agent ? { agent } : {}) });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Has the process ended? One that nobody waits for stays in the table as Z. */
export function ended(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, ''));
  } catch {
    return true;
  }
}
