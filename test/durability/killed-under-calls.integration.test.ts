import { expect, it } from 'vitest';
import { seedOfRun, timesOf } from './chance.ts';
import { killedUnderCalls } from './killed-under-calls.ts';
import { sayFigures } from './say-figures.ts';

const calls = timesOf('PLOINKY_CALLS', 5_000);
const seed = seedOfRun();

it(`kill -9 of a server under ${calls} calls from 256 callers (PLOINKY_SEED=${seed}): none is lost, none runs twice`, {
  timeout: 120_000 + calls * 10,
}, async () => {
  const figures = await killedUnderCalls(calls, seed);
  sayFigures('kill -9 under calls', seed, figures);
  expect(figures).toMatchObject({ lost: 0, doubled: 0 });
  expect(figures.broken, 'the kill fell between calls').toBeGreaterThan(0);
});
