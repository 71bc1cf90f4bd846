import assert from 'node:assert/strict';
import { runSeeds } from '../../simulator/pool.ts';
import type { Outcome } from '../../simulator/run-seed.ts';

export interface WorldsFigures {
  worlds: number;
  events: number;
  crashes: number;
  /** Of the worlds' clocks. */
  hours: number;
  /** The longest that a world took to come to rest, in seconds of its clock. */
  restSeconds: number;
  violated: number;
}

/** Many simulated worlds, from a seed on. Fails with the command that repeats the first that was violated. */
export async function manyWorlds(
  worlds: number,
  seed: number,
  onProgress: (figures: object) => void,
): Promise<WorldsFigures> {
  const figures: WorldsFigures = { worlds: 0, events: 0, crashes: 0, hours: 0, restSeconds: 0, violated: 0 };
  let milliseconds = 0;
  const violated: Outcome[] = [];
  await runSeeds({
    seeds: Array.from({ length: worlds }, (_, i) => seed + i),
    onOutcome: (outcome) => {
      figures.worlds += 1;
      figures.events += outcome.events;
      figures.crashes += outcome.crashes;
      figures.restSeconds = Math.max(figures.restSeconds, Math.ceil(outcome.restMs / 1_000));
      milliseconds += outcome.worldMs;
      figures.hours = Math.round(milliseconds / 360_000) / 10;
      if (outcome.violation) violated.push(outcome);
      figures.violated = violated.length;
      onProgress(figures);
      return violated.length < 10;
    },
  });
  const told = violated.map(({ seed: n, violation }) => {
    return `${violation?.invariant}: ${violation?.message} (npm run simulate -- --seed ${n} --trace)`;
  });
  assert.deepEqual(told, []);
  return figures;
}
