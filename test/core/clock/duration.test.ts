import { expect, it } from 'vitest';
import { durationMs } from '../../../core/clock/duration.ts';

it.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['10m', 600_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['0s', 0],
  ['999999999d', 999_999_999 * 86_400_000],
])('%s is %i ms', (text, ms) => expect(durationMs(text)).toBe(ms));

it.each(['', 'm', '10', '-1h', '1.5h', '10 m', '1w', '1h30m', '1234567890s', 'forever', '10M', '1h\n'])(
  '%j is none',
  (text) => {
    expect(durationMs(text)).toBeNull();
  },
);
