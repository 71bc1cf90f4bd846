import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseReplica } from '../../decisions/choose-replica.ts';

const anyMany = Number.POSITIVE_INFINITY;
const loads = fc.array(fc.nat(20), { minLength: 1, maxLength: 64 });
const most = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constant(anyMany));
const last = fc.integer({ min: -1, max: 100 });
const balance = fc.constantFrom('leastBusy' as const, 'roundRobin' as const);

describe('the least busy', () => {
  it('is the one in which the fewest calls run', () => {
    expect(chooseReplica('leastBusy', [3, 1, 2], anyMany, -1)).toBe(1);
    fc.assert(
      fc.property(loads, most, last, (each, limit, before) => {
        expect(each[chooseReplica('leastBusy', each, limit, before)]).toBe(Math.min(...each));
      }),
    );
  });

  it('is the next in turn where several are as busy as each other', () => {
    expect([-1, 0, 1, 2].map((before) => chooseReplica('leastBusy', [1, 1, 1], anyMany, before))).toEqual([0, 1, 2, 0]);
    expect(chooseReplica('leastBusy', [0, 5, 0], anyMany, 0)).toBe(2);
  });
});

describe('round robin', () => {
  it('takes turns, however busy they are', () => {
    expect([-1, 0, 1, 2].map((before) => chooseReplica('roundRobin', [9, 0, 0], anyMany, before))).toEqual([
      0, 1, 2, 0,
    ]);
  });

  it('passes over those that are full', () => {
    expect(chooseReplica('roundRobin', [1, 2, 2], 2, 0)).toBe(0);
  });
});

describe('whatever the loads', () => {
  it('one with room is chosen where any has room', () => {
    fc.assert(
      fc.property(balance, loads, most, last, (how, each, limit, before) => {
        const chosen = each[chooseReplica(how, each, limit, before)] ?? Number.NaN;
        expect(chosen < limit).toBe(each.some((load) => load < limit));
      }),
    );
  });

  it('calls that never end are spread evenly', () => {
    fc.assert(
      fc.property(balance, fc.integer({ min: 1, max: 64 }), fc.nat(300), (how, replicas, calls) => {
        const each = Array.from({ length: replicas }, () => 0);
        let before = -1;
        for (let i = 0; i < calls; i += 1) {
          before = chooseReplica(how, each, anyMany, before);
          each[before] = (each[before] ?? 0) + 1;
        }
        expect(Math.max(...each) - Math.min(...each)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
