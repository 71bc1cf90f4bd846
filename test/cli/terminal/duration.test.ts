import { describe, expect, it } from 'vitest';
import { elapsed, parseDuration, uptime } from '../../../cli/terminal/duration.ts';

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

  it.each([
    ['10m', 600_000],
    ['500ms', 500],
    ['1d', 86_400_000],
    ['m', undefined],
    ['-1h', undefined],
    ['1.5h', undefined],
  ])('%s is %s ms', (text, ms) => expect(parseDuration(text)).toBe(ms));
});
