import { describe, expect, it } from 'vitest';
import { compareWithBaseline, guards } from '../../bench/versus/baseline.ts';

const baseline = { ratios: { append: 1, spread: 3 } };

function verdicts(measured: Record<string, number>) {
  return compareWithBaseline(measured, baseline).map(({ name, verdict }) => [name, verdict]);
}

describe('a ratio against the baseline', () => {
  it('is the same within the tolerance', () => {
    expect(verdicts({ append: 0.7, spread: 5 })).toEqual([
      ['append', 'same'],
      ['spread', 'same'],
    ]);
  });

  it('is worse below it where more is better, and above it where less is', () => {
    const [append, spread] = compareWithBaseline({ append: 0.6, spread: 6.5 }, baseline);
    expect(append).toMatchObject({ verdict: 'worse', limit: 1 - (guards.append?.tolerance ?? 0) });
    expect(spread).toMatchObject({ verdict: 'worse', limit: 3 * (1 + (guards.spread?.tolerance ?? 0)) });
  });

  it('is better on the other side', () => {
    expect(verdicts({ append: 2, spread: 1 })).toEqual([
      ['append', 'better'],
      ['spread', 'better'],
    ]);
  });

  it('is worse when it is missing, since what was left out cannot be guarded', () => {
    expect(verdicts({ append: 1 })).toEqual([
      ['append', 'same'],
      ['spread', 'missing'],
    ]);
  });

  it('is new when the baseline does not have it', () => {
    expect(verdicts({ append: 1, spread: 3, 'call-fastify': 2 })).toContainEqual(['call-fastify', 'new']);
  });
});
