import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Feed } from '../../../adapters/cluster/feed.ts';
import type { EventEnvelope } from '../../../core/events/envelope.ts';

const event = (seq: number, type = 'domain.added') => ({ seq, type }) as EventEnvelope;

/** A follower that notes what it is sent. */
function joined(feed: Feed, from = 0) {
  const got: number[] = [];
  const late = vi.fn();
  const send = (events: readonly EventEnvelope[]) => got.push(...events.map(({ seq }) => seq));
  return { got, late, follower: feed.join({ send, onLate: late }, from) };
}

const settled = async (promise: Promise<void>) => {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  return done;
};

describe('the feed of events to other processes', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('sends what followers fold, and nothing else', () => {
    const feed = new Feed(['domain.added']);
    const { got } = joined(feed);
    feed.publish([event(1), event(2, 'task.enqueued'), event(3)]);
    feed.publish([event(4, 'task.completed')]);
    expect(got).toEqual([1, 3]);
  });

  it('is caught up at once when nobody follows', async () => {
    const feed = new Feed(['domain.added']);
    feed.publish([event(1)]);
    expect(await settled(feed.caughtUp())).toBe(true);
  });

  it('does not wait for a follower that has not folded the state it begins with: it serves nobody yet', async () => {
    const feed = new Feed(['domain.added']);
    const { follower } = joined(feed, 0);
    feed.publish([event(1)]);
    expect(follower.serving).toBe(false);
    expect(await settled(feed.caughtUp())).toBe(true);
    follower.folded(0);
    expect(follower.serving).toBe(false);
    follower.folded(1);
    expect(follower.serving).toBe(true);
  });

  it('waits until a follower that serves has folded what was published', async () => {
    const feed = new Feed(['domain.added']);
    const { follower } = joined(feed);
    follower.folded(0);
    feed.publish([event(1)]);
    const caughtUp = feed.caughtUp();
    // What comes later does not make an earlier command wait longer.
    feed.publish([event(2)]);
    expect(await settled(caughtUp)).toBe(false);
    follower.folded(1);
    expect(await settled(caughtUp)).toBe(true);
  });

  it('asks for the end of a follower that is late, and waits until it has ended', async () => {
    const feed = new Feed(['domain.added'], 1_000);
    const { follower, late } = joined(feed);
    follower.folded(0);
    feed.publish([event(1)]);
    const caughtUp = feed.caughtUp();
    vi.advanceTimersByTime(999);
    expect(late).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(late).toHaveBeenCalledOnce();
    expect(await settled(caughtUp)).toBe(false);
    follower.gone();
    expect(await settled(caughtUp)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lets no command return before every follower that serves has folded it or is gone', async () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constant({ kind: 'publish' as const }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('fold' as const), who: fc.nat(3), by: fc.nat(3) }) },
      fc.record({ kind: fc.constant('gone' as const), who: fc.nat(3) }),
      fc.constant({ kind: 'join' as const }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const feed = new Feed(['domain.added']);
        const followers: { follower: ReturnType<Feed['join']>; folded: number; got: number[]; left: boolean }[] = [];
        const waiting: { seq: number; of: typeof followers; done: boolean }[] = [];
        let seq = 0;
        const join = () => {
          const { follower, got } = joined(feed, seq);
          followers.push({ follower, folded: -1, got, left: false });
        };
        join();
        for (const one of steps) {
          if (one.kind === 'join') join();
          else if (one.kind === 'publish') {
            seq += 1;
            feed.publish([event(seq)]);
            const of = followers.filter(({ follower, left }) => follower.serving && !left);
            const command = { seq, of, done: false };
            waiting.push(command);
            void feed.caughtUp().then(() => {
              command.done = true;
            });
          } else {
            const chosen = followers[one.who % followers.length];
            if (!chosen || chosen.left) continue;
            if (one.kind === 'gone') {
              chosen.left = true;
              chosen.follower.gone();
            } else {
              chosen.folded = Math.min(seq, Math.max(0, chosen.folded + one.by));
              chosen.follower.folded(chosen.folded);
            }
          }
          for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
          for (const { seq: wanted, of, done } of waiting) {
            expect(done).toBe(of.every(({ folded, left }) => left || folded >= wanted));
          }
        }
        // Each got every event since it joined, once and in order.
        for (const { got } of followers) expect(got).toEqual(got.map((_, index) => (got[0] ?? 0) + index));
      }),
    );
  });
});
