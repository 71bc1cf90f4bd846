import assert from 'node:assert/strict';
import { boundariesOn } from '../crash/boundaries.ts';
import { randomMoments } from '../crash/random-moments.ts';
import { redeploysUnderLoad } from '../redeploys/redeploys.ts';
import { manyWorlds } from '../simulate/many-worlds.ts';
import { findAll } from '../simulate/mutants/find-all.ts';
import { engineKilled } from '../supervision/engine-killed.ts';
import { neighbours } from '../supervision/neighbours.ts';
import { seedOfRun, timesOf } from './chance.ts';
import { crashAtEveryPrefix } from './crash-prefix.ts';
import { damageRun } from './damage-run.ts';
import { faultCycles, whyNoFaults } from './fault-cycles.ts';
import { onFullDisk } from './full-disk.ts';
import type { FullDiskFilesFigures } from './full-disk-files.ts';
import { killCycles } from './kill-cycles.ts';
import { killedUnderCalls } from './killed-under-calls.ts';
import { lineOf } from './say-figures.ts';
import { onSmallDisk, whyNoSmallDisk } from './small-disk.ts';
import { steadyMemory } from './steady-memory.ts';

interface Trial {
  readonly name: string;
  /** Environment variable and usual count of the long form. */
  readonly times: readonly [variable: string, usual: number];
  /** What this machine lacks for it. */
  readonly whyNot?: () => string | null;
  run(times: number, seed: number, onProgress: (figures: object) => void): Promise<object>;
}

/** The long forms of the tests in this folder, in the order in which they run. */
const trials: readonly Trial[] = [
  {
    name: 'kill -9',
    times: ['PLOINKY_KILLS', 1_000],
    run: (cycles, seed, onProgress) => killCycles({ cycles, seed, onProgress }),
  },
  {
    name: 'kill -9 under calls',
    times: ['PLOINKY_CALLS', 100_000],
    async run(calls, seed) {
      const figures = await killedUnderCalls(calls, seed);
      assert.deepEqual([figures.lost, figures.doubled], [0, 0], lineOf('kill -9 under calls', seed, figures));
      return figures;
    },
  },
  ...(['server', 'worker'] as const).map(
    (kills): Trial => ({
      name: `redeploys with kills of ${kills === 'server' ? 'the server' : 'workers'}`,
      times: ['PLOINKY_REDEPLOYS', 100],
      run: (redeploys, seed, onProgress) => redeploysUnderLoad({ redeploys, seed, kills, onProgress }),
    }),
  ),
  {
    name: 'memory under calls',
    times: ['PLOINKY_MEMORY_CALLS', 100_000],
    async run(calls) {
      const figures = await steadyMemory(calls);
      assert.ok(figures.ratio <= 1.1, lineOf('memory under calls', null, figures));
      return figures;
    },
  },
  {
    name: 'engine killed',
    times: ['PLOINKY_ENGINE_KILLS', 10],
    run: (kills, seed) => engineKilled(kills, seed),
  },
  ...(['docker', 'podman'] as const).map(
    (engine): Trial => ({
      name: `boundaries on ${engine}`,
      times: ['PLOINKY_BOUNDARY_KILLS', 50],
      run: (kills, seed, onProgress) => boundariesOn(engine, kills, seed, onProgress),
    }),
  ),
  {
    name: 'bad neighbours',
    times: ['PLOINKY_NEIGHBOUR_ROUNDS', 3],
    async run(rounds) {
      const figures = await neighbours(rounds);
      assert.ok(figures.p99Ratio <= 1.1, lineOf('bad neighbours', null, figures));
      return figures;
    },
  },
  {
    name: 'disk full',
    times: ['PLOINKY_FULL_DISKS', 200],
    whyNot: whyNoSmallDisk,
    run: (cycles, seed, onProgress) => onFullDisk(cycles, seed, onProgress),
  },
  {
    name: 'disk full under files',
    times: ['PLOINKY_FULL_FILES', 100],
    whyNot: whyNoSmallDisk,
    run: (rounds, seed) => onSmallDisk<FullDiskFilesFigures>(64, 'full-disk-files.js', [String(rounds), String(seed)]),
  },
  {
    name: 'failing calls',
    times: ['PLOINKY_FAULTS', 500],
    whyNot: whyNoFaults,
    run: (cycles, seed, onProgress) => faultCycles({ cycles, seed, onProgress }),
  },
  {
    name: 'damage',
    times: ['PLOINKY_FLIPS', 10_000],
    run: (cycles, seed, onProgress) => damageRun({ cycles, seed, onProgress }),
  },
  ...(['process', 'docker'] as const).map(
    (engine): Trial => ({
      name: `killed at random moments, ${engine}`,
      times: ['PLOINKY_MOMENTS', 50],
      run: (rounds) => randomMoments(engine, rounds),
    }),
  ),
  {
    name: 'broken products',
    times: ['PLOINKY_MUTANT_SEEDS', 200],
    run: (seeds) => findAll(seeds),
  },
  {
    name: 'simulate',
    times: ['PLOINKY_WORLDS', 10_000],
    run: (worlds, seed, onProgress) => manyWorlds(worlds, seed, onProgress),
  },
  ...(['as told', 'one step ahead', 'rebooted'] as const).map(
    (engine): Trial => ({
      name: `crash at every prefix, engine ${engine}`,
      times: ['PLOINKY_PREFIX_ROUNDS', 8],
      run: async (rounds) => crashAtEveryPrefix(rounds, engine),
    }),
  ),
];

const progressEveryMs = 5_000;

/** Runs the trials whose names contain one of the words, or all; prints figures. Resolves with an exit code. */
export async function torture(words: readonly string[]): Promise<number> {
  const chosen = trials.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  if (chosen.length === 0) {
    process.stderr.write(`torture: there is no such trial. There are: ${trials.map(({ name }) => name).join(' · ')}\n`);
    return 1;
  }
  const seed = seedOfRun();
  const lines: string[] = [];
  let failed = 0;
  for (const { name, times, run, whyNot } of chosen) {
    const start = performance.now();
    const elapsed = () => `${((performance.now() - start) / 1_000).toFixed(0)} s`;
    let told = start;
    const onProgress = (figures: object) => {
      if (performance.now() - told < progressEveryMs) return;
      told = performance.now();
      process.stderr.write(`${lineOf(name, seed, figures)} · ${elapsed()}\n`);
    };
    const reason = whyNot?.() ?? null;
    try {
      if (reason !== null) throw new Error(reason);
      const figures = await run(timesOf(...times), seed, onProgress);
      lines.push(`✓ ${lineOf(name, seed, figures)} · ${elapsed()}`);
    } catch (error) {
      failed += 1;
      lines.push(`✗ ${lineOf(name, seed, {})} · ${(error as Error).stack ?? String(error)}`);
    }
    process.stdout.write(`${lines.at(-1)}\n`);
  }
  process.stdout.write(`${chosen.length - failed} of ${chosen.length} trials held (PLOINKY_SEED=${seed})\n`);
  return failed > 0 ? 1 : 0;
}
