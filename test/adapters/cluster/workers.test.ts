import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Workers } from '../../../adapters/cluster/workers.ts';
import { connection, type ScriptedWorker, scripted } from './scripted-workers.ts';

describe('the workers of a server', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  const at = (spawned: readonly ScriptedWorker[], index: number) => spawned[index] as ScriptedWorker;

  it('have started when one serves', async () => {
    const { parts, spawned } = scripted();
    const workers = new Workers(parts);
    const started = workers.start();
    expect(spawned.map((worker) => worker.told('begin'))).toEqual([1, 1]);
    at(spawned, 1).serve();
    await started;
    expect(workers.list().map(({ serving, restarts }) => [serving, restarts])).toEqual([
      [false, 0],
      [true, 0],
    ]);
  });

  it('have not when one ends before any serves', async () => {
    const { parts, spawned } = scripted();
    const workers = new Workers(parts);
    const started = workers.start();
    at(spawned, 0).end('with exit code 1');
    await expect(started).rejects.toThrow('a worker ended with exit code 1');
    const closed = workers.close(1_000);
    at(spawned, 1).end();
    await closed;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('get connections evenly, and those with fewer first', () => {
    const { parts, spawned } = scripted();
    const workers = new Workers(parts);
    void workers.start();
    for (const worker of spawned) worker.serve();
    for (let i = 0; i < 6; i += 1) workers.offer(connection());
    expect(spawned.map(({ handed }) => handed.length)).toEqual([3, 3]);
    for (const { id } of at(spawned, 0).handed) at(spawned, 0).say({ t: 'took', id });
    at(spawned, 0).say({ t: 'left' });
    at(spawned, 0).say({ t: 'left' });
    for (let i = 0; i < 2; i += 1) workers.offer(connection());
    expect(spawned.map(({ handed }) => handed.length)).toEqual([5, 3]);
  });

  it('keep a connection here until they took it, and give it to another when they end before', () => {
    const { parts, spawned } = scripted();
    const workers = new Workers(parts);
    void workers.start();
    at(spawned, 0).serve();
    const [taken, kept] = [connection(), connection()];
    workers.offer(taken);
    workers.offer(kept);
    at(spawned, 0).say({ t: 'took', id: at(spawned, 0).handed[0]?.id as number });
    // This process lets go of it; the worker has it.
    expect(taken.destroyed).toBe(true);
    at(spawned, 0).end();
    expect(kept.destroyed).toBe(false);
    at(spawned, 1).serve();
    expect(at(spawned, 1).handed.map(({ socket }) => socket)).toEqual([kept]);
  });

  it('are given what came while none of them served', () => {
    const { parts, spawned } = scripted();
    const workers = new Workers(parts);
    void workers.start();
    const socket = connection();
    workers.offer(socket);
    at(spawned, 1).serve();
    expect(at(spawned, 1).handed.map((one) => one.socket)).toEqual([socket]);
  });

  it('have so many connections together and no more', () => {
    const { parts, spawned } = scripted({ maxConnections: 3 });
    const workers = new Workers(parts);
    void workers.start();
    for (const worker of spawned) worker.serve();
    const sockets = Array.from({ length: 5 }, connection);
    for (const socket of sockets) workers.offer(socket);
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false, false, true, true]);
  });

  it('are replaced when they end, at once after a long life and ever later after short ones', () => {
    const { parts, spawned, warnings } = scripted({ count: 1 });
    const workers = new Workers(parts);
    void workers.start();
    at(spawned, 0).serve();
    vi.advanceTimersByTime(9_000);
    at(spawned, 0).say({ t: 'counted', n: 0, requests: [], services: [] });
    vi.advanceTimersByTime(9_000);
    at(spawned, 0).end();
    vi.advanceTimersByTime(1);
    expect(spawned).toHaveLength(2);
    for (const pauseMs of [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]) {
      const before = spawned.length;
      at(spawned, before - 1).end();
      vi.advanceTimersByTime(pauseMs - 1);
      expect(spawned).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(spawned).toHaveLength(before + 1);
    }
    expect(workers.list()).toMatchObject([{ restarts: 9 }]);
    expect(warnings[0]).toBe('a worker ended by SIGKILL; another takes its place');
  });

  it('are ended when nothing is heard of them', () => {
    const { parts, spawned } = scripted();
    const workers = new Workers(parts);
    void workers.start();
    for (let second = 0; second < 30; second += 1) {
      vi.advanceTimersByTime(1_000);
      at(spawned, 0).say({ t: 'counted', n: 0, requests: [], services: [] });
    }
    expect(spawned.map(({ killed }) => killed)).toEqual([false, true]);
    expect(workers.list()).toHaveLength(2);
  });

  it('are ended when they do not fold in time what a command made', async () => {
    const { parts, spawned, feed } = scripted();
    const workers = new Workers(parts);
    void workers.start();
    for (const worker of spawned) worker.serve();
    feed.publish([{ seq: 1, type: 'domain.added' } as never]);
    const caughtUp = feed.caughtUp();
    at(spawned, 0).serve();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(spawned.map(({ killed }) => killed)).toEqual([false, true]);
    at(spawned, 1).end();
    await caughtUp;
    expect(workers.list()).toHaveLength(1);
  });

  it('tell what they counted when asked, and are not waited for long', async () => {
    const { parts, spawned } = scripted();
    const workers = new Workers(parts);
    void workers.start();
    for (const worker of spawned) worker.serve();
    let told = false;
    void workers.counted().then(() => {
      told = true;
    });
    const asked = at(spawned, 0).sent.find(({ t }) => t === 'count') as { n: number };
    at(spawned, 0).say({ t: 'counted', n: asked.n, requests: [], services: [] });
    await vi.advanceTimersByTimeAsync(999);
    expect(told).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toBe(true);
  });

  it('are asked whether a container is busy, and those that ended are busy with nothing', async () => {
    const { parts, spawned } = scripted();
    const workers = new Workers(parts);
    void workers.start();
    for (const worker of spawned) worker.serve();
    let idle = false;
    void workers.idle('a', new AbortController().signal).then(() => {
      idle = true;
    });
    const asked = at(spawned, 0).sent.find(({ t }) => t === 'untilIdle') as { n: number };
    expect(asked).toMatchObject({ container: 'a' });
    at(spawned, 0).say({ t: 'idle', n: asked.n });
    await vi.advanceTimersByTimeAsync(0);
    expect(idle).toBe(false);
    at(spawned, 1).end();
    await vi.advanceTimersByTimeAsync(0);
    expect(idle).toBe(true);
    const patience = new AbortController();
    const second = workers.idle('b', patience.signal);
    patience.abort(new Error('late'));
    await second;
  });

  it('finish what they have when the server closes, and are ended where that takes too long', async () => {
    const { parts, spawned } = scripted();
    const workers = new Workers(parts);
    void workers.start();
    for (const worker of spawned) worker.serve();
    const closed = workers.close(7_000);
    expect(spawned.map((worker) => worker.told('drain'))).toEqual([1, 1]);
    const late = connection();
    workers.offer(late);
    expect(late.destroyed).toBe(true);
    at(spawned, 0).end('with exit code 0');
    await vi.advanceTimersByTimeAsync(7_000);
    expect(spawned.map(({ killed }) => killed)).toEqual([false, true]);
    at(spawned, 1).end();
    await closed;
    vi.advanceTimersByTime(60_000);
    // Nobody takes their place.
    expect(spawned).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
