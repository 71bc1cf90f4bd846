import { expect, test } from 'vitest';
import { runSeeds } from '../../simulator/pool.ts';
import type { Outcome } from '../../simulator/run-seed.ts';

async function outcomesOf(seeds: readonly number[], processes?: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const onOutcome = (outcome: Outcome) => {
    outcomes.push(outcome);
    return true;
  };
  await runSeeds({ seeds, onOutcome, ...(processes === undefined ? {} : { processes }) });
  return outcomes.sort((a, b) => a.seed - b.seed);
}

const first = 1;
const all = Array.from({ length: 200 }, (_, i) => first + i);

test('200 worlds hold, and come to rest', { timeout: 600_000 }, async () => {
  const outcomes = await outcomesOf(all);
  const failed = outcomes.filter(({ violation }) => violation);
  const told = failed.map(({ seed, violation }) => {
    return `${violation?.invariant}: ${violation?.message} (npm run simulate -- --seed ${seed} --trace)`;
  });
  expect(told).toEqual([]);
  expect(outcomes).toHaveLength(all.length);
  // Worlds in which nothing happens would hold as well.
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  expect(sum(({ events }) => events)).toBeGreaterThan(50 * all.length);
  expect(sum(({ crashes }) => crashes)).toBeGreaterThan(all.length);
});

test('the same seed takes the same way, after other seeds and in another process', async () => {
  const seeds = [3, 17, 29];
  const [together, again] = [await outcomesOf(seeds, 1), await outcomesOf(seeds, 3)];
  expect(again.map(({ hash }) => hash)).toEqual(together.map(({ hash }) => hash));
  expect(new Set(together.map(({ hash }) => hash)).size).toBe(seeds.length);
});
