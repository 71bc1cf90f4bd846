import { describe, expect, it } from 'vitest';
import { randomId } from '../../../core/clock/random-id.ts';

describe('randomId', () => {
  const ids = Array.from({ length: 20_000 }, randomId);

  it('is 21 letters and digits, and never the same again', () => {
    expect(ids.every((id) => /^[0-9A-Za-z]{21}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('favours no letter', () => {
    const counts = new Map<string, number>();
    for (const id of ids) for (const letter of id) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    const expected = (ids.length * 21) / 62;
    expect(counts.size).toBe(62);
    // Ten standard deviations: fair letters never get there.
    for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(10 * Math.sqrt(expected));
  });
});
