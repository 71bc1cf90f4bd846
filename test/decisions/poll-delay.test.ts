import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pollDelayMs } from '../../decisions/poll-delay.ts';

const pace = { minMs: 30_000, maxMs: 600_000 };

describe('the pause before a remote is asked again', () => {
  it('doubles from half a minute to ten minutes', () => {
    const pauses = [0, 1, 2, 3, 4, 5, 6, 1_000].map((quiet) => pollDelayMs(quiet, pace, 0.5) / 1_000);
    expect(pauses).toEqual([30, 60, 120, 240, 480, 600, 600, 600]);
  });

  it('is never shorter than nine tenths of the least, nor longer than eleven tenths of the most, and grows', () => {
    const pacing = fc.record({ minMs: fc.integer({ min: 100, max: 1e8 }), maxMs: fc.integer({ min: 100, max: 1e8 }) });
    fc.assert(
      fc.property(
        fc.nat(5_000),
        pacing,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (quiet, { minMs, maxMs }, chance) => {
          const ms = pollDelayMs(quiet, { minMs, maxMs }, chance);
          expect(ms).toBeGreaterThanOrEqual(Math.floor(minMs * 0.9));
          expect(ms).toBeLessThanOrEqual(Math.ceil(Math.max(minMs, maxMs) * 1.1));
          expect(pollDelayMs(quiet + 1, { minMs, maxMs }, chance)).toBeGreaterThanOrEqual(ms);
        },
      ),
    );
  });
});
