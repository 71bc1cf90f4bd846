import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, Operator } from '../crash/operator.ts';
import { ServerProcess } from '../crash/server-process.ts';
import { makeRedeployRepository } from './redeploy-agents.ts';
import type { SteadyLoad } from './steady-load.ts';

export interface RedeployGroundOptions {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

export const agents = ['caller', 'plain', 'web'] as const;
export type Agent = (typeof agents)[number];

/** A server with the deployments `/caller`, `/plain` and `/web`, which can be deployed again and again, also by a server that is killed. */
export class RedeployGround {
  readonly server: ServerProcess;
  readonly operator: Operator;
  readonly #folder: string;
  #release = 0;

  private constructor({ env = {} }: RedeployGroundOptions) {
    this.#folder = mkdtempSync(join(tmpdir(), 'pr-'));
    this.server = new ServerProcess(join(this.#folder, 'c'), env);
    this.operator = new Operator(this.server);
  }

  static async make(options: RedeployGroundOptions): Promise<RedeployGround> {
    const made = new RedeployGround(options);
    const { server, operator } = made;
    try {
      await server.start();
      await operator.initialize();
      await operator.set({ engine: 'process', 'git.allowLocal': true, ...options.settings });
      const url = makeRedeployRepository(join(made.#folder, 'r'));
      await made.#asked('POST', 'repositories', { name: 'own', url });
      if (options.settings.workersCount !== undefined) await made.restart();
      await made.redeploy();
    } catch (error) {
      await made.clear();
      throw new Error(`${(error as Error).message}\n${server.output}`, { cause: error });
    }
    return made;
  }

  /** For settings that count from the next start on. */
  async restart(): Promise<void> {
    await this.server.kill('SIGTERM');
    await this.server.start();
  }

  /** The newest one that serves. */
  get release(): number {
    return this.#release;
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

  /** All of them at once, or those of the names. Whoever asks after this must not be answered by an earlier release. */
  async redeploy(load?: SteadyLoad, which: readonly Agent[] = agents): Promise<void> {
    this.#release += 1;
    const n = this.#release;
    await Promise.all(
      which.map(async (agent) => {
        if (load) load.releases[agent].newest = n;
        await this.#deploy(agent, String(n));
        if (load) load.releases[agent].oldest = n;
      }),
    );
  }

  /** Resolves when so many containers have been stopped and removed. */
  async gone(count: number): Promise<void> {
    await eventually(`${count} containers are gone`, 300, async () => {
      const events = await this.operator.history('type=container.removed&limit=10000');
      return events.length >= count ? true : undefined;
    });
  }

  /** A server that was killed meanwhile is asked what became of it, and told again if it never heard. */
  async #deploy(agent: string, release: string): Promise<void> {
    const id = `localhost/${agent}`;
    const body = {
      domain: 'localhost',
      path: `/${agent}`,
      agent,
      repository: 'own',
      environment: { RELEASE: release },
    };
    let broke = await this.#told(body);
    if (!broke) return;
    await eventually(`release ${release} of ${agent} serves`, 300, async () => {
      const { deployments, releases } = (await this.#asked('GET', 'state')).state;
      const { routed = null, latest } = deployments[id] ?? {};
      if (releases[`${id}#${routed}`]?.config.environment.RELEASE === release) return true;
      if (releases[`${id}#${latest}`]?.config.environment.RELEASE === release) return undefined;
      broke = await this.#told(body);
      return broke ? undefined : true;
    });
  }

  /** True when the conversation broke, and nobody knows how far it came. */
  async #told(body: object): Promise<boolean> {
    try {
      await this.#asked('POST', 'deployments', body);
      return false;
    } catch (error) {
      if (error instanceof TypeError) return true;
      throw error;
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers have many shapes
  async #asked(method: string, route: string, body?: unknown): Promise<any> {
    const answer = await this.operator.request(method, `/management/api/${route}`, body);
    if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}
