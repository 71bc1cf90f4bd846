import { describe, expect, it } from 'vitest';
import { Pace } from '../../../adapters/container-logs/pace.ts';

describe('the pace of a log', () => {
  it('takes eight seconds’ worth at once, then nothing until there is a second’s worth again', () => {
    let now = 0;
    const pace = new Pace(
      () => 100,
      () => now,
    );
    const taken = () => {
      let count = 0;
      while (pace.allows(10)) count += 1;
      return count;
    };
    expect(taken()).toBe(80);
    now += 900;
    expect(taken()).toBe(0);
    now += 100;
    expect(taken()).toBe(10);
    now += 3_600_000;
    expect(taken()).toBe(80);
  });

  it('takes one that is more than a second’s worth once there is room for it', () => {
    let now = 0;
    const pace = new Pace(
      () => 100,
      () => now,
    );
    expect(pace.allows(700)).toBe(true);
    expect(pace.allows(500)).toBe(false);
    now += 2_000;
    expect(pace.allows(500)).toBe(false);
    now += 2_000;
    expect(pace.allows(500)).toBe(true);
  });
});
