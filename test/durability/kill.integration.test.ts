import { expect, it } from 'vitest';
import { seedOfRun, timesOf } from './chance.ts';
import { killCycles } from './kill-cycles.ts';
import { sayFigures } from './say-figures.ts';

const cycles = timesOf('PLOINKY_KILLS', 40);
const seed = seedOfRun();

it(`kill -9 in the middle of group commits, ${cycles} times (PLOINKY_SEED=${seed}): nothing acknowledged is lost`, {
  timeout: 120_000 + cycles * 3_000,
}, async () => {
  const figures = await killCycles({ cycles, seed });
  sayFigures('kill -9', seed, figures);
  expect(figures.cycles).toBe(cycles);
  expect(figures.acknowledged).toBeGreaterThan(cycles);
});
