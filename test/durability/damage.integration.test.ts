import { describe, expect, it } from 'vitest';
import { seedOfRun, timesOf } from './chance.ts';
import { damageRun } from './damage-run.ts';
import { sayFigures } from './say-figures.ts';

const cycles = timesOf('PLOINKY_FLIPS', 150);
const seed = seedOfRun();

describe('bytes of the folder that flip, are cut off, zeroed or deleted', () => {
  it(`${cycles} times (PLOINKY_SEED=${seed}): the same state, or a refusal that names the place`, {
    timeout: 60_000 + cycles * 500,
  }, async () => {
    const figures = await damageRun({ cycles, seed });
    sayFigures('damage', seed, figures);
    expect(figures.cycles).toBe(cycles);
  });
});
