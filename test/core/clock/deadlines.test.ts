import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadlines, type Timed } from '../../../core/clock/deadlines.ts';

class Alarm implements Timed {
  readonly due: number;
  place = -1;
  rang: number | null = null;

  constructor(due: number) {
    this.due = due;
  }

  expire(): void {
    this.rang = performance.now();
  }
}

describe('deadlines', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('each ends what was not removed, in the order of their times and none too early, with one timer for all', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), inMs: fc.nat(1_000) }),
      fc.record({ kind: fc.constant('remove' as const), which: fc.nat(40) }),
      fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(400) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const deadlines = new Deadlines();
        const alarms: Alarm[] = [];
        const removed = new Set<Alarm>();
        for (const one of steps) {
          if (one.kind === 'add') {
            const alarm = new Alarm(performance.now() + one.inMs);
            alarms.push(alarm);
            deadlines.add(alarm);
          } else if (one.kind === 'remove') {
            const alarm = alarms[one.which];
            if (!alarm) continue;
            deadlines.remove(alarm);
            if (alarm.rang === null) removed.add(alarm);
          } else vi.advanceTimersByTime(one.ms);
          expect(vi.getTimerCount()).toBeLessThanOrEqual(1);
        }
        vi.advanceTimersByTime(3_000);
        expect(deadlines.size).toBe(0);
        for (const alarm of alarms) {
          expect(alarm.place).toBe(-1);
          if (removed.has(alarm)) expect(alarm.rang).toBeNull();
          else expect(alarm.rang).toBe(Math.ceil(alarm.due));
        }
      }),
    );
  });

  it('that end when others do are not forgotten', () => {
    const deadlines = new Deadlines();
    const late = new Alarm(performance.now() + 50);
    const first = new Alarm(performance.now() + 10);
    first.expire = () => deadlines.add(late);
    deadlines.add(first);
    vi.advanceTimersByTime(60);
    expect(late.rang).not.toBeNull();
  });

  it('end nothing once they are closed', () => {
    const deadlines = new Deadlines();
    const alarm = new Alarm(performance.now() + 10);
    deadlines.add(alarm);
    deadlines.close();
    vi.advanceTimersByTime(60);
    expect([alarm.rang, alarm.place, vi.getTimerCount()]).toEqual([null, -1, 0]);
  });
});
