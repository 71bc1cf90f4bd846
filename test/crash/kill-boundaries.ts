import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventType } from '../../core/events/catalogue.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import { git } from '../agent-repository.ts';
import { Chance } from '../durability/chance.ts';
import { eventually, Operator } from './operator.ts';
import { ServerProcess } from './server-process.ts';

/** What there is of a cloud in an engine, counted there and not by the server. */
export interface Counted {
  readonly containers: number;
  readonly networks: number;
  readonly volumes: number;
}

export interface BoundaryOptions {
  readonly engine: 'docker' | 'podman' | 'process';
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** At each boundary; or only so many rounds, which take boundaries by the seed. */
  readonly kills: number;
  readonly rounds?: number;
  readonly seed: number;
  readonly counted: (cloud: { id: string; dir: string }) => Promise<Counted>;
  readonly onProgress?: (figures: object) => void;
}

/** The events between which the world is changed: an intent, or the outcome that the next effect waits for. */
const boundaries = {
  deploy: [
    'release.imageResolved',
    'release.installed',
    'container.startRequested',
    'network.createRequested',
    'network.created',
    'volume.createRequested',
    'volume.created',
    'container.started',
  ],
  redeploy: [
    'container.startRequested',
    'container.started',
    'container.stopRequested',
    'container.stopped',
    'container.removed',
    'release.cleaned',
  ],
  undeploy: [
    'container.stopRequested',
    'container.stopped',
    'container.removed',
    'network.removeRequested',
    'network.removed',
    'release.cleaned',
  ],
  removeVolume: ['volume.removeRequested', 'volume.removed'],
} satisfies Record<string, readonly EventType[]>;

type Step = keyof typeof boundaries;

/** After the event is told: from right at it to the midst of the effect that follows. */
const latestMs = 40;
const place = { domain: 'localhost', path: '/kept' };
const id = 'localhost/kept';

/**
 * One deployment with a network and a volume is deployed, redeployed, undeployed, and its volume removed, again and again;
 * in each step the server is killed at the next boundary of that step. After each restart everything comes to what was
 * asked for, with nothing doubled and nothing left behind.
 * @returns how many kills there were at each boundary
 */
export async function killAtBoundaries(options: BoundaryOptions): Promise<Record<string, number>> {
  const { engine, kills, seed } = options;
  const chance = new Chance(seed);
  const folder = mkdtempSync(join(tmpdir(), 'pk-'));
  const server = new ServerProcess(join(folder, 'c'), options.env);
  const operator = new Operator(server);
  const done: Record<string, number> = {};
  const skipped = (type: string) => engine === 'process' && type.startsWith('network.');
  try {
    await server.start();
    await operator.initialize();
    await operator.set({ engine, 'git.allowLocal': true, stopGraceMs: 1_000, ...options.settings });
    const url = makeRepository(join(folder, 'repository'));
    assert.equal((await operator.request('POST', '/management/api/repositories', { name: 'own', url })).status, 200);
    const { state } = (await operator.request('GET', '/management/api/state')).body;
    const cloud = { id: state.cloud.cloud.cloudId as string, dir: server.dir };
    const networks = engine === 'process' ? 0 : 1;
    const expected: Record<Step, Counted> = {
      deploy: { containers: 1, networks, volumes: 1 },
      redeploy: { containers: 1, networks, volumes: 1 },
      undeploy: { containers: 0, networks: 0, volumes: 1 },
      removeVolume: { containers: 0, networks: 0, volumes: 0 },
    };
    const steps = Object.keys(boundaries) as Step[];
    const lists = Object.fromEntries(
      steps.map((step) => [step, (boundaries[step] as readonly string[]).filter((type) => !skipped(type))]),
    ) as unknown as Record<Step, readonly string[]>;
    const every = kills * Math.max(...Object.values(lists).map((list) => list.length));
    const { rounds = every } = options;
    for (let round = 0; round < rounds; round += 1) {
      for (const step of steps) {
        const list = lists[step];
        // Past its own count a step of few boundaries goes through undisturbed.
        const at = options.rounds === undefined ? round : seed + round;
        const boundary = round < kills * list.length ? list[at % list.length] : undefined;
        await carryOut(server, operator, step, boundary, chance.fraction() * latestMs);
        if (boundary) done[`${step}: ${boundary}`] = (done[`${step}: ${boundary}`] ?? 0) + 1;
        await settled(operator, step, boundary);
        await eventually(`${step} after a kill at ${boundary}: ${JSON.stringify(expected[step])}`, 60, async () => {
          const found = await options.counted(cloud);
          return JSON.stringify(found) === JSON.stringify(expected[step]) ? true : undefined;
        });
      }
      options.onProgress?.({ round: round + 1, of: rounds });
    }
    return done;
  } catch (error) {
    const told = await newest(operator).catch((reason: unknown) => `no history: ${String(reason)}`);
    const message = `with PLOINKY_SEED=${seed}: ${(error as Error).message}\n${told}\n${server.output}`;
    throw new Error(message, { cause: error });
  } finally {
    await server.kill();
    await server.start().catch(() => {});
    await operator.request('POST', '/management/api/stopAndDeleteAll').catch(() => {});
    await operator.request('DELETE', '/management/api/volumes', { ...place, volume: 'kept' }).catch(() => {});
    await server.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asks for the step; kills the server when the boundary was told, and starts it again. */
async function carryOut(
  server: ServerProcess,
  operator: Operator,
  step: Step,
  boundary: string | undefined,
  afterMs: number,
): Promise<void> {
  if (boundary === undefined) {
    const { status, body } = await ask(operator, step, true);
    assert.equal(status, 200, JSON.stringify(body));
    return;
  }
  const { seq } = (await operator.request('GET', '/management/api/state')).body;
  let killed: Promise<void> | undefined;
  const kill = async () => {
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await server.kill();
  };
  const told = operator.follow(seq + 1, ({ type }: EventEnvelope) => {
    if (type === boundary) killed ??= kill();
  });
  await ask(operator, step, false).catch((error: unknown) => {
    // The answer may be lost with the server.
    if (!(error instanceof TypeError)) throw error;
  });
  await told;
  await killed;
  await server.start();
}

function ask(operator: Operator, step: Step, wait: boolean) {
  const query = wait ? '' : '?wait=false';
  switch (step) {
    case 'deploy':
    case 'redeploy': {
      const body = { ...place, agent: 'kept', repository: 'own' };
      return operator.request('POST', `/management/api/deployments${query}`, body);
    }
    case 'undeploy':
      return operator.request('DELETE', `/management/api/deployments${query}`, place);
    case 'removeVolume':
      return operator.request('DELETE', '/management/api/volumes', { ...place, volume: 'kept' });
  }
}

/** The last events before a failure, which say what was still awaited. */
async function newest(operator: Operator): Promise<string> {
  const { seq } = (await operator.request('GET', '/management/api/state')).body;
  const events = await operator.history(`from=${Math.max(1, seq - 40)}&limit=100`);
  return events.map(({ seq, time, type, data }) => `${seq} ${time} ${type} ${JSON.stringify(data)}`).join('\n');
}

/** The log says that the step is over, to its last effect. */
async function settled(operator: Operator, step: Step, boundary: string | undefined): Promise<void> {
  await eventually(`the end of ${step} after a kill at ${boundary}`, 90, async () => {
    const { state } = (await operator.request('GET', '/management/api/state')).body;
    const over = ({ status }: { status: string }) => status === 'retired' || status === 'failed';
    // biome-ignore lint/suspicious/noExplicitAny: the projected state has many shapes
    const releases = Object.values<any>(state.releases);
    if (releases.some((release) => release.status === 'failed')) throw new Error('a release failed');
    if (releases.some((release) => over(release) && !release.cleaned)) return undefined;
    const containers = Object.values<{ status: string }>(state.containers);
    const { latest, routed } = state.deployments[id];
    const volumes = Object.values<{ status: string }>(state.volumes);
    switch (step) {
      case 'deploy':
      case 'redeploy': {
        const serves = latest === routed && containers.length === 1 && containers[0]?.status === 'healthy';
        return serves ? true : undefined;
      }
      case 'undeploy':
        return containers.length + Object.keys(state.networks).length === 0 ? true : undefined;
      case 'removeVolume':
        return volumes.length === 0 ? true : undefined;
    }
  });
}

function makeRepository(folder: string): string {
  mkdirSync(join(folder, 'kept'), { recursive: true });
  const manifest = { network: 'bridge', volumes: { kept: '/kept' } };
  writeFileSync(join(folder, 'kept', 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'kept', 'index.js'), 'module.exports = { hello: () => "hello" };');
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', 'Keep');
  return folder;
}
