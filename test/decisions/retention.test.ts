import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationMs } from '../../core/clock/duration.ts';
import { checkSetting, effectiveSettings } from '../../core/settings/settings.ts';
import { dueDeletions, sealBefore, sealedUpTo } from '../../decisions/decide-retention.ts';
import type { Segment } from '../../projections/segments.ts';

const day = 86_400_000;
const now = Date.parse('2026-06-01T00:00:00.000Z');

/** A segment whose newest event is so many days old. */
function segment(from: number, days: number, deleted = false): Segment {
  const until = new Date(now - days * day).toISOString();
  const gone = { seq: 99, time: until, reason: 'r', keyframe: 'k' };
  const file = { file: 'f', bytes: 1, rawBytes: 1, sha256: 's', first: 'a', last: 'b', outline: 'o' };
  return { from, to: from + 9, count: 5, since: until, until, ...file, sealedAt: 99, deleted: deleted ? gone : null };
}

const keeping = (age: string) => effectiveSettings({ 'retention.segments': age });

describe('an age', () => {
  it.each([
    ['45s', 45_000],
    ['15m', 900_000],
    ['12h', day / 2],
    ['90d', 90 * day],
    ['forever', null],
  ])('%s', (age, ms) => {
    expect(durationMs(age)).toBe(ms);
    expect(() => checkSetting('retention.tasks', age)).not.toThrow();
  });

  it.each(['', '9 weeks', '1.5d', '-1d', '90', 90, null])('is not %j', (age) => {
    expect(() => checkSetting('retention.segments', age)).toThrow('does not fit the setting retention.segments');
  });
});

describe('what is due', () => {
  it('for sealing: what is older than retention.tasks, and nothing when that is for ever', () => {
    expect(sealBefore(effectiveSettings({ 'retention.tasks': '31d' }), now)).toBe('2026-05-01T00:00:00.000Z');
    expect(sealBefore(effectiveSettings({ 'retention.tasks': 'forever' }), now)).toBeNull();
    expect(sealBefore(effectiveSettings({ 'retention.tasks': '999999d' }), now)).toBe('1970-01-01T00:00:00.000Z');
  });

  it('begins after the last sealed event', () => {
    expect(sealedUpTo([])).toBe(0);
    expect(sealedUpTo([segment(31, 1), segment(1, 3), segment(11, 2)])).toBe(40);
  });

  it('for deletion: the oldest files up to the first that is to stay', () => {
    const all = [segment(21, 40), segment(1, 60, true), segment(11, 50), segment(31, 10), segment(41, 45)];
    expect(dueDeletions(all, keeping('30d'), now).map(({ from }) => from)).toEqual([11, 21]);
    expect(dueDeletions(all, keeping('forever'), now)).toEqual([]);
  });

  it('for deletion is never behind one that stays, whatever the clock said', () => {
    const segments = fc.array(fc.record({ days: fc.integer({ min: -9, max: 99 }), deleted: fc.boolean() }));
    fc.assert(
      fc.property(segments, fc.integer({ min: 0, max: 99 }), (given, age) => {
        const all = given.map(({ days, deleted }, i) => segment(1 + i * 10, days, deleted));
        const due = new Set(dueDeletions(all, keeping(`${age}d`), now));
        const kept = all.filter(({ deleted }) => !deleted);
        expect(kept.slice(0, due.size).every((one) => due.has(one))).toBe(true);
        const first = kept[due.size];
        if (first) expect(Date.parse(first.until)).toBeGreaterThanOrEqual(now - age * day);
      }),
    );
  });
});
