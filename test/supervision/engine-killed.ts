import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import Docker from 'dockerode';
import { eventually } from '../crash/operator.ts';
import { Chance } from '../durability/chance.ts';
import { answers } from '../engines/daemon.ts';
import { type AgentsGround, onAgentsGround } from './agents-ground.ts';
import { withOwnDocker } from './own-docker.ts';

const agents = ['one', 'two', 'three'];
/** Long enough for a look of the server to find nobody there. */
const awayMs = 1_500;
const convergesWithinS = 120;
const callers = 3;

export interface EngineKilledFigures {
  readonly kills: number;
  readonly calls: number;
  readonly failed: number;
  /** Until the daemon answered again, median; ms. */
  readonly daemonBackMs: number;
  /** From then on until every deployment answered and the engine ran what the log says; ms. */
  readonly medianMs: number;
  readonly slowestMs: number;
}

/**
 * Kills dockerd with -9 under calls and lets it come back, again and again. Each time everything has to run again, once,
 * and to be told by the log.
 */
export async function engineKilled(kills: number, seed: number): Promise<EngineKilledFigures> {
  const chance = new Chance(seed);
  return withOwnDocker(awayMs, (docker, image) =>
    onAgentsGround(
      {
        agents: Object.fromEntries(agents.map((agent) => [agent, { 'manifest.json': '{}', 'index.js': program }])),
        settings: { engine: 'docker', defaultImage: image },
        env: { DOCKER_HOST: `unix://${docker.socketPath}` },
      },
      async (ground) => {
        for (const agent of agents) await ground.deploy(agent);
        const traffic = new Traffic(ground);
        const back: number[] = [];
        const converged: number[] = [];
        for (let kill = 0; kill < kills; kill += 1) {
          const until = performance.now() + 500 + chance.below(1_500);
          await eventually('calls before the next kill', 60, async () => performance.now() > until || undefined);
          const begun = performance.now();
          const pid = Number(readFileSync(docker.pidFile, 'utf8'));
          process.kill(pid, 'SIGKILL');
          await eventually('the daemon’s return', 60, async () => {
            const now = Number(readFileSync(docker.pidFile, 'utf8'));
            return now !== pid && (await answers({ socketPath: docker.socketPath }, '/_ping')) ? true : undefined;
          });
          back.push(performance.now() - begun);
          const from = performance.now();
          await eventually('everything running again', convergesWithinS, () => settled(ground, docker.socketPath));
          converged.push(performance.now() - from);
        }
        await traffic.end();
        return {
          kills,
          calls: traffic.calls,
          failed: traffic.failed,
          daemonBackMs: Math.round(middle(back)),
          medianMs: Math.round(middle(converged)),
          slowestMs: Math.round(Math.max(...converged)),
        };
      },
    ),
  );
}

const program = "module.exports = { hello: (name) => 'Hello, ' + name + '!' };\n";

/** Each deployment answers, and the engine has one running container for each and nothing else of this cloud. */
async function settled({ operator }: AgentsGround, socketPath: string): Promise<true | undefined> {
  const { state } = (await operator.request('GET', '/management/api/state')).body;
  const containers = Object.values<{ name: string; status: string }>(state.containers);
  if (containers.length !== agents.length || containers.some(({ status }) => status !== 'healthy')) return undefined;
  const label = [`ploinky.cloud=${state.cloud.cloud.cloudId}`];
  const found = await new Docker({ socketPath }).listContainers({ all: true, filters: { label } });
  const running = found.filter(({ State }) => State === 'running').map(({ Names }) => (Names[0] ?? '').slice(1));
  if (found.length !== agents.length || running.length !== agents.length) return undefined;
  if (containers.some(({ name }) => !running.includes(name))) return undefined;
  const replies = await Promise.all(agents.map((agent) => call(operator, agent)));
  return replies.every(({ status }) => status === 200) ? true : undefined;
}

function call(operator: AgentsGround['operator'], agent: string) {
  return operator.request('POST', `/${agent}/hello`, { params: ['you'] });
}

/** Calls that never stop. While the engine is away they may fail, with an answer that says so. */
class Traffic {
  calls = 0;
  failed = 0;
  #over = false;
  readonly #ended: Promise<unknown>;

  constructor({ operator }: AgentsGround) {
    const callAway = async (caller: number) => {
      for (let i = caller; !this.#over; i += 1) {
        const { status, body } = await call(operator, agents[i % agents.length] ?? '');
        this.calls += 1;
        if (status === 200) continue;
        this.failed += 1;
        if (status < 500 || typeof body.error?.code !== 'string') throw new Error(`${status} ${JSON.stringify(body)}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    this.#ended = Promise.all([...Array(callers).keys()].map(callAway));
    this.#ended.catch(() => {});
  }

  /** Rejects with whatever a call should not have come to. */
  async end(): Promise<void> {
    this.#over = true;
    await this.#ended;
  }
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
