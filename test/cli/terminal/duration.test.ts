import { describe, expect, it } from 'vitest';
import { elapsed, uptime } from '../../../cli/terminal/duration.ts';

describe('durations', () => {
  it.each([
    [0, '0.0s'],
    [9_949, '9.9s'],
    [10_000, '10s'],
    [59_400, '59s'],
    [185_000, '3m 05s'],
  ])('%i ms went by as %s', (ms, text) => expect(elapsed(ms)).toBe(text));

  it('count uptime in hours and minutes', () => {
    expect(uptime(93_784_000)).toBe('26h 3m');
  });
});
