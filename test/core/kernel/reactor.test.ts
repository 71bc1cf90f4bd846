import { describe, expect, it } from 'vitest';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { type Effect, Reactor } from '../../../core/kernel/reactor.ts';

interface Begun {
  readonly effect: Effect;
  readonly signal: AbortSignal;
  end(error?: unknown): void;
}

/** A reactor whose effects end when the test says so. */
function scripted(deadlineMs = 60_000) {
  let wanted: Effect[] = [];
  const begun: Begun[] = [];
  const gaveUp: unknown[] = [];
  const waiting: (() => void)[] = [];
  const reactor = new Reactor<Effect>({
    reconcile: () => wanted,
    now: () => 1_000,
    monotonic: () => 1_000,
    onError: () => {},
    runner: {
      deadlineMs: () => deadlineMs,
      run: (effect, signal) =>
        new Promise<void>((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
          begun.push({ effect, signal, end: (error) => (error ? reject(error) : resolve()) });
          for (const wake of waiting.splice(0)) wake();
        }),
      giveUp: async (_, error) => {
        gaveUp.push(error);
        for (const wake of waiting.splice(0)) wake();
      },
    },
  });
  return {
    reactor,
    begun,
    gaveUp,
    want(...effects: Effect[]) {
      wanted = effects;
      reactor.wake();
    },
    /** Resolves once `condition` holds; looks whenever an effect begins or is given up. */
    async until(condition: () => boolean) {
      while (!condition()) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}

/** Two turns of the event loop: a wake looks in the first, its effects begin in the second. */
async function turns(): Promise<void> {
  for (let i = 0; i < 4; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

const effect = (id: string, lane = id): Effect => ({ id, kind: 'test', lane });

describe('the reactor', () => {
  it('begins each wish once, however often it is woken', async () => {
    const { reactor, begun, want } = scripted();
    want(effect('a'));
    await turns();
    reactor.wake();
    await turns();
    expect(begun).toHaveLength(1);
    want();
    await reactor.stop();
  });

  it('runs lanes side by side and one lane in order', async () => {
    const { reactor, begun, want, until } = scripted();
    want(effect('a', 'one'), effect('b', 'one'), effect('c', 'two'));
    await until(() => begun.length === 2);
    expect(begun.map((b) => b.effect.id)).toEqual(['a', 'c']);
    want(effect('b', 'one'), effect('c', 'two'));
    begun[0]?.end();
    await until(() => begun.length === 3);
    expect(begun[2]?.effect.id).toBe('b');
    want();
    await reactor.stop();
  });

  it('aborts what is no longer wanted', async () => {
    const { reactor, begun, want, until, gaveUp } = scripted();
    want(effect('a'));
    await until(() => begun.length === 1);
    want();
    await turns();
    expect(begun[0]?.signal.aborted).toBe(true);
    expect(gaveUp).toEqual([]);
    await reactor.stop();
  });

  it('tries again what passes by itself, three times, then gives up', async () => {
    const { reactor, begun, want, until, gaveUp } = scripted();
    want(effect('a'));
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await until(() => begun.length === attempt);
      begun[attempt - 1]?.end(new PloinkyError('ENGINE_UNAVAILABLE', 'not now'));
    }
    await until(() => gaveUp.length === 1);
    want();
    await reactor.stop();
  });

  it('gives up at once on what will not pass', async () => {
    const { reactor, begun, want, until, gaveUp } = scripted();
    want(effect('a'));
    await until(() => begun.length === 1);
    begun[0]?.end(new PloinkyError('MANIFEST_INVALID', 'no'));
    await until(() => gaveUp.length === 1);
    want();
    await reactor.stop();
  });

  it('aborts an effect at its deadline and gives it up', async () => {
    const { reactor, want, until, gaveUp } = scripted(20);
    want(effect('a'));
    await until(() => gaveUp.length === 1);
    expect(gaveUp[0]).toMatchObject({ name: 'TimeoutError' });
    want();
    await reactor.stop();
  });

  it('does not spin on a wish that keeps failing', async () => {
    const { reactor, begun, want, until, gaveUp } = scripted();
    want(effect('a'));
    await until(() => begun.length === 1);
    begun[0]?.end(new Error('a defect'));
    await until(() => gaveUp.length === 1);
    reactor.wake();
    await turns();
    expect(begun).toHaveLength(1);
    await reactor.stop();
  });

  it('does not begin an effect before its time', async () => {
    const { reactor, begun, want } = scripted();
    want({ ...effect('a'), notBefore: 5_000 }, { ...effect('b'), notBefore: 1_000 });
    await turns();
    expect(begun.map((b) => b.effect.id)).toEqual(['b']);
    want();
    await reactor.stop();
  });

  it('stops: running effects are aborted and nothing begins any more', async () => {
    const { reactor, begun, want, until } = scripted();
    want(effect('a'));
    await until(() => begun.length === 1);
    await reactor.stop();
    expect(begun[0]?.signal.aborted).toBe(true);
    want(effect('b'));
    await turns();
    expect(begun).toHaveLength(1);
  });
});
