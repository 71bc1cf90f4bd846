import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';
import { eventually } from '../crash/operator.ts';
import { type AgentsGround, onAgentsGround } from './agents-ground.ts';
import { withOwnDocker } from './own-docker.ts';

/** Calls in one measurement, and how many a second: few enough that a quiet machine is never behind. */
const callsInOne = 1_500;
const everyMs = 5;

export interface NeighbourFigures {
  readonly rounds: number;
  /** Of the good agent alone, and beside the bad ones; ms, median of the rounds. */
  readonly p99AloneMs: number;
  readonly p99BesideMs: number;
  readonly p99Ratio: number;
  readonly p50Ratio: number;
  readonly failed: number;
  /** What the bad ones came to: ends of the crashing one, of the eating one for lack of memory. */
  readonly crashes: number;
  readonly outOfMemory: number;
}

const good = "module.exports = { hello: (name) => 'Hello, ' + name + '!' };\n";
/** As whoever shares a machine should give them. */
const limits = { resources: { memory: '128m', cpu: 0.25 } };
const bad = {
  crashing: {
    'manifest.json': JSON.stringify({ ...limits, run: 'sh /agentCore/run.sh & sleep 1; exit 1' }),
    'index.js': good,
  },
  eating: {
    'manifest.json': JSON.stringify(limits),
    'index.js': `${good}const kept = []; setInterval(() => kept.push(Buffer.alloc(8 << 20, 1)), 20);\n`,
  },
  bombing: {
    'manifest.json': JSON.stringify(limits),
    'index.js': `${good}setTimeout(() => require('node:child_process').spawn('sh', ['-c', 'f() { f | f & }; f']), 300);\n`,
  },
};

/**
 * A good agent is called at a steady pace, alone and beside one that crashes, one that eats memory and one that forks
 * without end, in turn.
 */
export async function neighbours(rounds: number): Promise<NeighbourFigures> {
  return withOwnDocker(1_000, (docker, image) =>
    onAgentsGround(
      {
        agents: { good: { 'manifest.json': '{}', 'index.js': good }, ...bad },
        settings: { engine: 'docker', defaultImage: image },
        env: { DOCKER_HOST: `unix://${docker.socketPath}` },
      },
      async (ground) => {
        await ground.deploy('good');
        const pool = new Pool(ground.server.url, { connections: 8 });
        try {
          await measure(pool);
          const alone: Measured[] = [];
          const beside: Measured[] = [];
          for (let round = 0; round < rounds; round += 1) {
            alone.push(await measure(pool));
            for (const agent of Object.keys(bad)) await ground.deploy(agent, { wait: false });
            await atWork(ground);
            beside.push(await measure(pool));
            await undeploy(ground);
          }
          const ends = await endings(ground);
          const p99 = (each: readonly Measured[]) => middle(each.map((one) => one.p99));
          const p50 = (each: readonly Measured[]) => middle(each.map((one) => one.p50));
          return {
            rounds,
            p99AloneMs: rounded(p99(alone)),
            p99BesideMs: rounded(p99(beside)),
            p99Ratio: rounded(p99(beside) / p99(alone)),
            p50Ratio: rounded(p50(beside) / p50(alone)),
            failed: [...alone, ...beside].reduce((sum, one) => sum + one.failed, 0),
            ...ends,
          };
        } finally {
          await pool.destroy();
        }
      },
    ),
  );
}

interface Measured {
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

/** At a steady pace, whether or not the answer before has come: one that is late makes no other late. */
async function measure(pool: Pool): Promise<Measured> {
  const times: number[] = [];
  let failed = 0;
  const call = async () => {
    const begun = performance.now();
    const answer = await pool.request({
      method: 'POST',
      path: '/good/hello',
      headers: { 'content-type': 'application/json' },
      body: '{"params":["you"]}',
    });
    await answer.body.dump();
    if (answer.statusCode !== 200) failed += 1;
    times.push(performance.now() - begun);
  };
  const calls: Promise<void>[] = [];
  const start = performance.now();
  for (let i = 0; i < callsInOne; i += 1) {
    const due = start + i * everyMs;
    while (performance.now() < due) await new Promise((resolve) => setTimeout(resolve, 1));
    calls.push(call());
  }
  await Promise.all(calls);
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), failed };
}

/** All three are deployed, and each has shown what it is like. */
async function atWork({ operator }: AgentsGround): Promise<void> {
  await eventually('the bad ones at work', 60, async () => {
    const { deployments } = (await operator.request('GET', '/management/api/state')).body.state;
    const routed = Object.keys(bad).every((agent) => deployments[`localhost/${agent}`]?.routed != null);
    return routed || undefined;
  });
}

async function undeploy({ operator }: AgentsGround): Promise<void> {
  for (const agent of Object.keys(bad)) {
    const { status, body } = await operator.request('DELETE', `/management/api/deployments`, {
      domain: 'localhost',
      path: `/${agent}`,
    });
    if (status !== 200) throw new Error(JSON.stringify(body));
  }
  await eventually('the end of the bad ones', 60, async () => {
    const { containers } = (await operator.request('GET', '/management/api/state')).body.state;
    return Object.keys(containers).length === 1 ? true : undefined;
  });
}

async function endings({ operator }: AgentsGround): Promise<{ crashes: number; outOfMemory: number }> {
  const exits = await operator.history('type=container.exited&limit=10000');
  const of = (agent: string) => exits.filter(({ stream }) => stream.includes(agent));
  const outOfMemory = of('eating').filter(({ data }) => (data as { oomKilled: boolean }).oomKilled);
  return { crashes: of('crashing').length, outOfMemory: outOfMemory.length };
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
