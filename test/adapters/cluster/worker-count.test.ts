import { describe, expect, it } from 'vitest';
import { workerCount } from '../../../adapters/cluster/worker-count.ts';

describe('how many workers a server starts with', () => {
  it('is what the setting says, and one for each core where that is auto', () => {
    expect(workerCount(3, {}, 8)).toBe(3);
    expect(workerCount('auto', {}, 8)).toBe(8);
    expect(workerCount('auto', {}, 1)).toBe(1);
  });

  it('is one where the environment asks for a single process', () => {
    expect(workerCount(3, { PLOINKY_FORCE_SINGLE: '1' }, 8)).toBe(1);
    expect(workerCount(3, { PLOINKY_FORCE_SINGLE: '0' }, 8)).toBe(3);
  });
});
