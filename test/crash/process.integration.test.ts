import { describe, it } from 'vitest';
import { timesOf } from '../durability/chance.ts';
import { agentsBelow } from './agents-below.ts';
import { killAtRandomMoments } from './kill-moments.ts';

const rounds = timesOf('PLOINKY_MOMENTS', 15);

describe('a server on the process engine', () => {
  it('that is killed at random moments loses, doubles and forgets nothing', { timeout: 600_000 }, async () => {
    await killAtRandomMoments({ engine: 'process', rounds, running: async ({ dir }) => agentsBelow(dir) });
  });
});
