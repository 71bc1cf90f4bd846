import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Effect, longestPauseMs, Reactor } from '../../core/kernel/reactor.ts';
import { Store } from '../../core/kernel/store.ts';
import { createMemoryLog } from '../../core/log/memory-log.ts';
import { restartDelayMs } from '../../decisions/restart-delay.ts';
import { type Recollection, resumeTask } from '../../decisions/resume-task.ts';
import { projections } from '../../projections/registry.ts';
import type { OpenTask } from '../../projections/tasks.ts';
import type { Views } from '../../projections/views.ts';
import { all } from '../contracts/log-contract.ts';
import { newEvent } from '../new-event.ts';
import { plainState, Story } from '../story.ts';
import { recordedHistory } from './recorded-history.ts';

const hour = 3_600_000;
const noon = Date.parse('2026-06-01T12:00:00.000Z');
/** What a clock may do. */
const clocks: readonly [string, (ms: number) => number][] = [
  ['goes on', (ms) => noon + ms],
  ['was set an hour back', (ms) => noon + ms - hour],
  ['was set ten years on', (ms) => noon + ms + 10 * 365 * 24 * hour],
  ['stands still', () => noon],
];

describe('order is that of seq, whatever the clock said', () => {
  it('of a log', async () => {
    const times = fc.array(fc.integer({ min: 0, max: 4e12 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(times, async (moments) => {
        const log = createMemoryLog();
        for (const ms of moments) await log.append([{ ...newEvent(), time: new Date(ms).toISOString() }]);
        const events = await all(log);
        expect(events.map(({ seq }) => seq)).toEqual(moments.map((_, at) => at + 1));
        expect(events.map(({ time }) => Date.parse(time))).toEqual(moments);
      }),
      { numRuns: 30 },
    );
  });

  it('of the state that events fold to', () => {
    const events = recordedHistory(1);
    const stateWith = (clock: (ms: number) => number) => {
      const store = new Store<Views>(projections);
      // Back and forth, so that no two neighbours are in order.
      const time = (at: number) => new Date(clock(((at * 7_919) % 100) * 60_000)).toISOString();
      store.replay(events.map((event, at) => ({ ...event, time: time(at) })));
      expect(store.stopped.size).toBe(0);
      return JSON.stringify(plainState(store.views)).replace(/\d{4}-\d\d-\d\d(T[\d:.]+Z)?/g, 'time');
    };
    const states = clocks.map(([, clock]) => stateWith(clock));
    expect(new Set(states).size).toBe(1);
  });
});

describe('a pause before an effect, on a clock that', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each(clocks)('%s, ends once and in its time', async (_, clock) => {
    const start = performance.now();
    const passed = () => performance.now() - start;
    let jumped = false;
    let done = false;
    const begun: number[] = [];
    const wish: Effect = { id: 'start', kind: 'start', lane: 'a', notBefore: noon + 20_000 };
    const reactor = new Reactor<Effect>({
      reconcile: () => (done ? [] : [wish]),
      now: () => (jumped ? clock(passed()) : noon + passed()),
      monotonic: passed,
      onError: () => {},
      runner: {
        deadlineMs: () => 1_000,
        run: async () => {
          begun.push(Math.floor(passed() / 1_000));
          done = true;
        },
        giveUp: async () => {},
      },
    });
    reactor.wake();
    for (const step of [1, 4_999, 10_000, 4_000, 1_000, 60_000, 60_000, hour]) {
      await vi.advanceTimersByTimeAsync(step);
      jumped = true;
      reactor.wake();
    }
    expect(begun).toEqual([20]);
    await reactor.stop();
  });

  it('was set back before the wish was seen, is not longer than any that is asked for', async () => {
    const start = performance.now();
    const passed = () => performance.now() - start;
    const begun: number[] = [];
    const reactor = new Reactor<Effect>({
      reconcile: () => (begun.length > 0 ? [] : [{ id: 'a', kind: 'a', lane: 'a', notBefore: noon + hour }]),
      now: () => noon + passed(),
      monotonic: passed,
      onError: () => {},
      runner: {
        deadlineMs: () => 1_000,
        run: async () => void begun.push(Math.floor(passed() / 1_000)),
        giveUp: async () => {},
      },
    });
    reactor.wake();
    await vi.advanceTimersByTimeAsync(2 * hour);
    expect(begun).toEqual([longestPauseMs / 1_000]);
    for (let failures = 0; failures < 100; failures += 1) {
      expect(restartDelayMs(failures)).toBeLessThanOrEqual(longestPauseMs);
    }
    await reactor.stop();
  });
});

describe('what ends by time ends once', () => {
  it.each(clocks)('a session, with a clock that %s', (_, clock) => {
    const story = new Story().tell(
      { type: 'cloud.initialized', stream: 'cloud', data: { cloudId: 'c', version: '0' } },
      { type: 'key.created', stream: 'key:k_1', data: { keyId: 'k_1', hash: 'h', role: 'admin' } },
    );
    const open = (sessionId: string, ms: number) => {
      const expiresAt = new Date(clock(ms) + 1_000).toISOString();
      const now = new Date(clock(ms)).toISOString();
      const who = { keyId: 'k_1', userId: 'admin', tokenHash: `hash ${sessionId}` };
      story.ask({ type: 'openSession', sessionId, now, expiresAt, ...who });
    };
    for (let i = 0; i < 6; i += 1) open(`s${i}`, i * 700);
    open('last', -hour);
    open('after', 10 * hour);
    const closed = story.events.filter(({ type }) => type === 'session.closed').map(({ stream }) => stream);
    expect(closed).toEqual([...new Set(closed)]);
  });

  it('a task that was open when the server ended: one decision for each moment, never two outcomes', () => {
    const task: OpenTask = {
      ...{ priority: 'normal', callback: null },
      ...{ taskId: 't', deployment: 'd', release: 1, container: 'c', bootId: 'b', command: 'x', params: [] },
      ...{ runForUserId: 'u', timeoutMs: 60_000, enqueuedAt: new Date(noon).toISOString(), lastEvent: 'e', trace: 't' },
    };
    const seen: Recollection = { state: 'neverSeen', bootId: 'b' };
    expect(clocks.map(([, clock]) => resumeTask(task, seen, clock(30_000)).kind)).toEqual([
      'deliver',
      'deliver',
      // Ten years on its time is up, and that is said: it never reached the agent.
      'fail',
      'deliver',
    ]);
    for (const [, clock] of clocks) expect(resumeTask(task, { state: 'ended' }, clock(0)).kind).toBe('join');
  });
});
