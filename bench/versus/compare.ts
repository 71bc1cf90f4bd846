import { setTimeout as wait } from 'node:timers/promises';
import { median } from '../rounds.ts';
import type { Contestant, Standing } from './contestant.ts';
import { Ground } from './ground.ts';
import { howToInstall, pathOf, wrk } from './packages.ts';
import { cpuSeconds, residentMiB } from './process-cost.ts';

/** Figures of one contestant with so many callers: medians of the rounds. */
export interface Figures {
  readonly contestant: string;
  readonly callers: number;
  readonly callsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Seconds of processor time in 1,000 calls: of the servers alone, and with those who did the work. */
  readonly cpu: number;
  readonly cpuWithAgents: number;
  /** Of the servers, at the end of the last round. */
  readonly residentMiB: number;
  /** Calls per second of each round, to show how far they lie apart. */
  readonly rounds: readonly number[];
}

export interface LeftOut {
  readonly contestant: string;
  readonly why: string;
}

export interface Comparison {
  readonly figures: readonly Figures[];
  readonly leftOut: readonly LeftOut[];
}

/** Somebody ended the bench before its time. */
export class Interruption extends Error {}

export interface CompareOptions {
  readonly callers: readonly number[];
  readonly rounds: number;
  /** Of one round. */
  readonly seconds: number;
  /** Default: wrk. */
  readonly loader?: Ground['loader'];
  readonly onProgress?: (text: string) => void;
}

/** What is still under way when a round ends is not to disturb the next one. */
const settleMs = 150;

/**
 * Starts all contestants, then lets them take turns, so that a noisy machine is noisy to all. Only ratios within one
 * comparison say anything.
 */
export async function compare(contestants: readonly Contestant[], options: CompareOptions): Promise<Comparison> {
  const { callers, rounds, seconds, loader = 'wrk', onProgress = () => {} } = options;
  const ground = new Ground(loader);
  // What was started is ended by the way out of this function, which an interruption takes at the next step.
  let interrupted = false;
  const stop = () => {
    interrupted = true;
  };
  const step = () => {
    if (interrupted) throw new Interruption('interrupted; everything that was started is ended');
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  try {
    const { standing, leftOut } = await startAll(contestants, ground, onProgress, step);
    const figures: Figures[] = [];
    for (const count of callers) {
      const taking = standing.filter(({ contestant }) => !contestant.without?.includes(count));
      const runs = taking.map((each) => ({ ...each, samples: [] as Sample[] }));
      for (const { standing } of runs) await sample(standing, count, Math.min(1, seconds));
      for (let round = 1; round <= rounds; round += 1) {
        onProgress(`${count} callers, round ${round} of ${rounds}`);
        for (const { standing, samples } of runs) {
          step();
          samples.push(await sample(standing, count, seconds));
        }
      }
      for (const { contestant, samples } of runs) figures.push(figuresOf(contestant.name, count, samples));
    }
    return { figures, leftOut };
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, stop);
    await ground.leave();
  }
}

interface Started {
  readonly contestant: Contestant;
  readonly standing: Standing;
}

/** One that cannot be started is left out, and the figures say so. */
async function startAll(
  contestants: readonly Contestant[],
  ground: Ground,
  onProgress: (text: string) => void,
  step: () => void,
): Promise<{ standing: readonly Started[]; leftOut: readonly LeftOut[] }> {
  const standing: Started[] = [];
  const leftOut: LeftOut[] = [];
  for (const contestant of contestants) {
    const { name, title, needs = [] } = contestant;
    step();
    const missing = needs.filter((each) => pathOf(each) === null && !(each === wrk && ground.loader === 'node'));
    onProgress(`${title}: starting`);
    try {
      if (missing.length > 0) throw new Error(howToInstall(missing));
      standing.push({ contestant, standing: await contestant.start(ground) });
    } catch (error) {
      const why = (error as Error).message;
      leftOut.push({ contestant: name, why });
      onProgress(`${title}: left out: ${why}`);
    }
  }
  return { standing, leftOut };
}

interface Sample {
  readonly callsPerSecond: number;
  readonly calls: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpu: number;
  readonly cpuOfAgents: number;
  readonly residentMiB: number;
}

async function sample({ load, servers, agents }: Standing, callers: number, seconds: number): Promise<Sample> {
  const [ofServers, ofAgents] = [servers(), agents()];
  const [cpu, cpuOfAgents] = [cpuSeconds(ofServers), cpuSeconds(ofAgents)];
  const round = await load(callers, seconds);
  await wait(settleMs);
  return {
    callsPerSecond: round.calls / round.seconds,
    calls: round.calls,
    p50: round.p50,
    p99: round.p99,
    cpu: cpuSeconds(ofServers) - cpu,
    cpuOfAgents: cpuSeconds(ofAgents) - cpuOfAgents,
    residentMiB: residentMiB(ofServers),
  };
}

function figuresOf(contestant: string, callers: number, samples: readonly Sample[]): Figures {
  const middle = (of: (sample: Sample) => number) => median(samples.map(of));
  const sum = (of: (sample: Sample) => number) => samples.reduce((total, sample) => total + of(sample), 0);
  const thousands = sum(({ calls }) => calls) / 1000;
  const cpu = sum((sample) => sample.cpu) / thousands;
  return {
    contestant,
    callers,
    callsPerSecond: middle((sample) => sample.callsPerSecond),
    p50: middle((sample) => sample.p50),
    p99: middle((sample) => sample.p99),
    cpu,
    cpuWithAgents: cpu + sum((sample) => sample.cpuOfAgents) / thousands,
    residentMiB: samples.at(-1)?.residentMiB ?? 0,
    rounds: samples.map((sample) => sample.callsPerSecond),
  };
}
