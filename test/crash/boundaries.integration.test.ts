import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { seedOfRun } from '../durability/chance.ts';
import { killAtBoundaries } from './kill-boundaries.ts';

it('a server that is killed at boundaries between effects comes to what was asked for', {
  timeout: 300_000,
}, async () => {
  const done = await killAtBoundaries({
    engine: 'process',
    kills: 1,
    rounds: 1,
    seed: seedOfRun(),
    counted: async ({ dir }) => {
      const below = (folder: string) => {
        try {
          return readdirSync(join(dir, '.ploinky-cloud', folder)).filter((name) => !name.startsWith('.')).length;
        } catch {
          return 0;
        }
      };
      return { containers: below('process'), networks: 0, volumes: below('volumes') };
    },
  });
  expect(Object.keys(done)).toHaveLength(4);
});
