import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lane } from '../../../adapters/tasks/lane.ts';
import { Pace } from '../../../adapters/tasks/pace.ts';
import type { Priority } from '../../../core/events/task-events.ts';

interface Call {
  readonly priority: Priority;
  readonly arrival: number;
}

const rank = { urgent: 0, normal: 1, low: 2 };
const priority = fc.constantFrom<Priority>('urgent', 'normal', 'low');

describe('a lane', () => {
  it('gives the turn to the most urgent, and among those to the one that came first, whoever left meanwhile', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('join' as const), priority }),
      fc.record({ kind: fc.constant('leave' as const), which: fc.nat(30) }),
      fc.record({ kind: fc.constant('turn' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const lane = new Lane<Call>();
        let waiting: Call[] = [];
        let arrival = 0;
        for (const one of steps) {
          if (one.kind === 'join') {
            arrival += 1;
            const call = { priority: one.priority, arrival };
            waiting.push(call);
            lane.join(call);
          } else {
            const leaving = one.kind === 'turn' ? lane.first() : waiting[one.which];
            const ordered = waiting.toSorted((a, b) => rank[a.priority] - rank[b.priority] || a.arrival - b.arrival);
            if (one.kind === 'turn') expect(leaving).toBe(ordered[0]);
            if (leaving) expect(lane.leave(leaving)).toBe(true);
            waiting = waiting.filter((call) => call !== leaving);
          }
          expect(lane.waiting).toBe(waiting.length);
        }
      }),
    );
  });

  it('counts a promised place until it is taken or given back', () => {
    const lane = new Lane<Call>();
    lane.promise();
    expect([lane.waiting, lane.idle, lane.first()]).toEqual([1, false, undefined]);
    lane.forgo();
    expect(lane.idle).toBe(true);
    expect(lane.leave({ priority: 'low', arrival: 1 })).toBe(false);
  });
});

describe('the pace of a lane', () => {
  it('tells nothing before anything ended', () => {
    expect(new Pace().secondsFor(1_000, 5)).toBe(1);
  });

  it('tells how long so many calls take, from the last ends', () => {
    const pace = new Pace();
    for (let i = 1; i <= 100; i += 1) pace.note(i * 500);
    // 32 ends from 34.5 s to 50 s, and nothing in the second after them.
    expect(pace.secondsFor(10, 50_000)).toBe(5);
    expect(pace.secondsFor(10, 82_000)).toBe(15);
  });

  it('stays within a second and an hour', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000)), fc.nat(100_000), fc.nat(10_000_000), (gaps, calls, more) => {
        const pace = new Pace();
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          pace.note(now);
        }
        const seconds = pace.secondsFor(calls, now + more);
        expect(Number.isInteger(seconds) && seconds >= 1 && seconds <= 3_600).toBe(true);
      }),
    );
  });
});
