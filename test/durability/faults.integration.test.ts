import { describe, expect } from 'vitest';
import { seedOfRun, timesOf } from './chance.ts';
import { faultCycles, whyNoFaults } from './fault-cycles.ts';
import { itNeeding } from './needs.ts';
import { sayFigures } from './say-figures.ts';

const cycles = timesOf('PLOINKY_FAULTS', 30);
const seed = seedOfRun();

describe('a disk that fails', () => {
  const title = `at the k-th call, ${cycles} times (PLOINKY_SEED=${seed}): nothing is acknowledged that is not there, and nothing twice`;
  itNeeding(whyNoFaults(), title, 60_000 + cycles * 10_000, async () => {
    const figures = await faultCycles({ cycles, seed });
    sayFigures('failing calls', seed, figures);
    expect(figures.refusedAppends).toBeGreaterThan(0);
    expect(figures.recovered).toBeGreaterThan(0);
  });
});
