import { setTimeout as wait } from 'node:timers/promises';
import { Chance } from '../durability/chance.ts';
import { importBaseImages, nodeImage } from '../engines/base-images.ts';
import { startDocker } from '../engines/start-docker.ts';
import { agents, RedeployGround } from './redeploy-ground.ts';
import { type Failure, type LoadKind, SteadyLoad } from './steady-load.ts';

export interface RedeploysOptions {
  readonly redeploys: number;
  readonly seed: number;
  /** `server`: kill -9 of the whole server at some moments. `worker`: of one of two workers. */
  readonly kills: 'server' | 'worker';
  readonly onProgress?: (figures: object) => void;
}

export interface RedeploysFigures {
  redeploys: number;
  kills: number;
  /** Answered as they should, or ended in order. */
  whole: number;
  /** Of those: WebSockets and event streams. */
  lasting: number;
  /** Of those: asked again on a fresh connection, because a killed worker had the first one. */
  retried: number;
  /** Broken by a kill: while the listener was down, or held by the worker and not to be repeated. */
  excused: number;
  failed: number;
  medianMs: number;
  longestMs: number;
}

const rate = 200;
const longMs = 10_000;
const killMoments = 10;
/** A worker's connections end with it; the clients are told within this. */
const noticedMs = 1_000;
/** What a killed worker had and cannot be asked for again. */
const lastsOrOnce: ReadonlySet<LoadKind> = new Set(['post', 'socket', 'stream']);

interface Window {
  readonly from: number;
  readonly to: number;
}

/**
 * Redeploys on Docker so many times under load, three deployments in turn, with ten kills among them, at moments of the seed's
 * choice. Throws with the first failures when a request outside of the kills was not answered as it should.
 */
export async function redeploysUnderLoad(options: RedeploysOptions): Promise<RedeploysFigures> {
  const engine = await startDocker();
  if ('unavailable' in engine) throw new Error(engine.unavailable);
  try {
    await importBaseImages([engine.socketPath]);
    const workers = options.kills === 'worker' ? { workersCount: 2 } : {};
    const ground = await RedeployGround.make({
      settings: { engine: 'docker', defaultImage: nodeImage, agentStartTimeoutMs: 120_000, ...workers },
      env: { DOCKER_HOST: `unix://${engine.socketPath}` },
    });
    try {
      return await redeployAndKill(ground, options);
    } finally {
      await ground.clear();
    }
  } finally {
    await engine.stop();
  }
}

async function redeployAndKill(
  ground: RedeployGround,
  { redeploys, seed, kills, onProgress }: RedeploysOptions,
): Promise<RedeploysFigures> {
  const chance = new Chance(seed);
  const killEvery = Math.max(1, Math.round(redeploys / killMoments));
  const windows: Window[] = [];
  const took: number[] = [];
  const { url } = ground.server;
  const load = new SteadyLoad({ url, rate, longMs, sockets: 5, streams: 5, retries: kills === 'worker' }, 1);
  load.start();
  try {
    for (let i = 1; i <= redeploys; i += 1) {
      const kill = i % killEvery === 0 ? killAfter(ground, chance, kills, windows) : Promise.resolve();
      const begun = performance.now();
      await ground.redeploy(load, [agents[i % agents.length] ?? 'web']);
      if (i % killEvery !== 0) took.push(performance.now() - begun);
      await kill;
      onProgress?.(figuresOf(load, windows, took, i, kills));
    }
    await ground.gone(redeploys);
  } finally {
    await load.stop();
  }
  const figures = figuresOf(load, windows, took, redeploys, kills);
  if (figures.failed > 0)
    throw new Error(`${JSON.stringify(figures)}\n${told(failuresOf(load, windows, kills), windows)}`);
  return figures;
}

/** Somewhere in the first seconds of a redeploy, which is anywhere in it. */
async function killAfter(
  ground: RedeployGround,
  chance: Chance,
  kills: RedeploysOptions['kills'],
  windows: Window[],
): Promise<void> {
  const { server, operator } = ground;
  await wait(chance.below(3_000));
  const from = performance.now();
  if (kills === 'server') {
    await server.kill();
    await server.start();
    windows.push({ from, to: performance.now() });
    return;
  }
  const { body } = await operator.request('GET', '/management/api/health');
  const { pid } = chance.among(body.workers as { pid: number }[]);
  process.kill(pid, 'SIGKILL');
  windows.push({ from, to: performance.now() + noticedMs });
}

function failuresOf(load: SteadyLoad, windows: readonly Window[], kills: RedeploysOptions['kills']): Failure[] {
  return load.failures.filter(({ kind, begun, ended }) => {
    if (kills === 'worker' && !lastsOrOnce.has(kind)) return true;
    return !windows.some(({ from, to }) => begun <= to && ended >= from && (kills === 'server' || ended <= to));
  });
}

function figuresOf(
  load: SteadyLoad,
  windows: readonly Window[],
  took: readonly number[],
  redeploys: number,
  kills: RedeploysOptions['kills'],
): RedeploysFigures {
  const failed = failuresOf(load, windows, kills).length;
  const sorted = [...took].sort((a, b) => a - b);
  const counts = Object.entries(load.counts);
  return {
    redeploys,
    kills: windows.length,
    whole: counts.reduce((sum, [, { whole }]) => sum + whole, 0),
    lasting: load.counts.socket.whole + load.counts.stream.whole,
    retried: counts.reduce((sum, [, { retried }]) => sum + retried, 0),
    excused: load.failures.length - failed,
    failed,
    medianMs: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0),
    longestMs: Math.round(sorted.at(-1) ?? 0),
  };
}

/** The first of them, with their distance to the nearest kill. */
function told(failures: readonly Failure[], windows: readonly Window[]): string {
  const lines = failures.slice(0, 20).map(({ kind, begun, ended, what }) => {
    const [nearest] = [...windows].sort((a, b) => Math.abs(a.from - begun) - Math.abs(b.from - begun));
    const kill = nearest ? `, kill at ${ms(nearest.from - begun)}, over at ${ms(nearest.to - begun)}` : '';
    return `${kind} of ${ms(ended - begun)}${kill}: ${what}`;
  });
  return lines.join('\n');
}

function ms(time: number): string {
  return `${Math.round(time)} ms`;
}
