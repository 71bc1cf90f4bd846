import { Pool } from 'undici';
import { eventually } from '../crash/operator.ts';
import { type AgentsGround, onAgentsGround } from './agents-ground.ts';
import { withOwnDocker } from './own-docker.ts';
import { type Measured, pacedCalls, percentile } from './paced-calls.ts';
import { BareProcess, PlainNeighbours } from './plain-neighbours.ts';

export interface NeighbourFigures {
  readonly rounds: number;
  /** Of the good agent alone, and in five minutes beside the bad ones; ms, median of the rounds. */
  readonly p99AloneMs: number;
  readonly p99BesideMs: number;
  readonly p99Ratio: number;
  readonly p50Ratio: number;
  /** Of the first seconds of these minutes, when each bad one has failed for the first time and is started again at once. */
  readonly p99AtFirstMs: number;
  /** The same of a process that only answers, beside the same three in containers of plain Docker: what is not ours to change. */
  readonly floorP99AloneMs: number;
  readonly floorP99BesideMs: number;
  readonly floorP99Ratio: number;
  readonly floorP99AtFirstMs: number;
  readonly failed: number;
  /** What the bad ones came to: ends of the crashing one, of the eating one for lack of memory. */
  readonly crashes: number;
  readonly outOfMemory: number;
}

const warmUpSeconds = 8;
const aloneSeconds = 60;
/** What fails again and again is tried again after 1, 10, 20, 40, 80 and 160 s in it: a crash loop from its beginning on. */
const besideSeconds = 300;
const firstSeconds = 8;

const good = "module.exports = { hello: (name) => 'Hello, ' + name + '!' };\n";
/** As whoever shares a machine should give them. */
const limits = { resources: { memory: '128m', cpu: 0.25 } };
const plainLimits = { memoryBytes: 128 * 1024 * 1024, cpus: 0.25 };
const bad = {
  crashing: {
    'manifest.json': JSON.stringify({ ...limits, run: 'sh /agentCore/run.sh & sleep 2; exit 1' }),
    'index.js': good,
  },
  eating: {
    'manifest.json': JSON.stringify(limits),
    'index.js': `${good}const kept = []; setTimeout(() => setInterval(() => kept.push(Buffer.alloc(8 << 20, 1)), 20), 500);\n`,
  },
  bombing: {
    'manifest.json': JSON.stringify(limits),
    'index.js': `${good}setTimeout(() => require('node:child_process').spawn('sh', ['-c', 'f() { f | f & }; f']), 300);\n`,
  },
};

/**
 * A good agent is called at a steady pace, alone and beside one that crashes, one that eats memory and one that forks
 * without end, in turn; and so is a process that is nothing of ours, beside the same three under Docker alone.
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
        const bare = await BareProcess.start();
        const plain = new PlainNeighbours(docker.socketPath, image, plainLimits);
        const pool = new Pool(ground.server.url, { connections: 8 });
        const barePool = new Pool(bare.url, { connections: 8 });
        const ours = (seconds: number) => pacedCalls(pool, '/good/hello', seconds);
        const floor = (seconds: number) => pacedCalls(barePool, '/', seconds);
        try {
          await ours(warmUpSeconds);
          await floor(warmUpSeconds);
          const measured: Round[] = [];
          for (let round = 0; round < rounds; round += 1) {
            const alone = await ours(aloneSeconds);
            const floorAlone = await floor(aloneSeconds);
            for (const agent of Object.keys(bad)) await ground.deploy(agent, { wait: false });
            await atWork(ground);
            const beside = await ours(besideSeconds);
            await undeploy(ground);
            await plain.start();
            const floorBeside = await floor(besideSeconds).finally(() => plain.stop());
            measured.push({ alone, beside, floorAlone, floorBeside });
          }
          return { rounds, ...figuresOf(measured), ...(await endings(ground)) };
        } finally {
          await pool.destroy();
          await barePool.destroy();
          await bare.stop();
        }
      },
    ),
  );
}

interface Round {
  readonly alone: Measured;
  readonly beside: Measured;
  readonly floorAlone: Measured;
  readonly floorBeside: Measured;
}

function figuresOf(measured: readonly Round[]) {
  const p99 = (which: keyof Round, of?: number) => middle(measured.map((round) => percentile(round[which], 0.99, of)));
  const p50 = (which: keyof Round) => middle(measured.map((round) => percentile(round[which], 0.5)));
  return {
    p99AloneMs: rounded(p99('alone')),
    p99BesideMs: rounded(p99('beside')),
    p99Ratio: rounded(p99('beside') / p99('alone')),
    p50Ratio: rounded(p50('beside') / p50('alone')),
    p99AtFirstMs: rounded(p99('beside', firstSeconds)),
    floorP99AloneMs: rounded(p99('floorAlone')),
    floorP99BesideMs: rounded(p99('floorBeside')),
    floorP99Ratio: rounded(p99('floorBeside') / p99('floorAlone')),
    floorP99AtFirstMs: rounded(p99('floorBeside', firstSeconds)),
    failed: measured.reduce((sum, { alone, beside }) => sum + alone.failed + beside.failed, 0),
  };
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
