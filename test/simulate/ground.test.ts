import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Database } from '../../simulator/disk/database.ts';
import { Heap } from '../../simulator/ground/heap.ts';
import { Random } from '../../simulator/ground/random.ts';
import { Trace } from '../../simulator/ground/trace.ts';
import { VirtualTime } from '../../simulator/ground/virtual-time.ts';

describe('chance', () => {
  const some = (seed: number | string) => {
    const random = new Random(seed);
    return Array.from({ length: 50 }, () => random.next());
  };

  test('is the same for the same seed, and another one for another', () => {
    expect(some(7)).toEqual(some(7));
    expect(some('users 7')).toEqual(some('users 7'));
    expect(some(7)).not.toEqual(some(8));
    expect(some('users 7')).not.toEqual(some('faults 7'));
  });

  test('stays within its bounds and reaches them', () => {
    const random = new Random(1);
    const seen = new Set(Array.from({ length: 1_000 }, () => random.whole(2, 5)));
    expect([...seen].sort()).toEqual([2, 3, 4, 5]);
    for (const one of some(3)) expect(one >= 0 && one < 1).toBe(true);
  });
});

test('appointments are kept in the order of their times, and of their making', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5 })), (times) => {
      const heap = new Heap();
      for (const [order, due] of times.entries()) heap.push({ due, order, happen: null });
      const kept = times.map(() => heap.pop());
      const expected = times.map((due, order) => ({ due, order })).sort((a, b) => a.due - b.due || a.order - b.order);
      expect(kept).toMatchObject(expected);
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

describe('time', () => {
  test('passes for timers, clocks and deadlines of the process, and only there', async () => {
    const lives = { life: 1, down: false };
    const time = new VirtualTime(
      lives,
      () => 0,
      () => 0.5,
    );
    const seen: string[] = [];
    time.install();
    const [begun, wall] = [performance.now(), Date.now()];
    setTimeout(() => seen.push(`timer at ${performance.now() - begun}`), 60_000);
    const cancelled = setTimeout(() => seen.push('never'), 1_000);
    clearTimeout(cancelled);
    AbortSignal.timeout(5_000).addEventListener('abort', () => seen.push(`deadline at ${Date.now() - wall}`));
    const every = setInterval(() => {
      seen.push('interval');
      if (seen.length > 2) clearInterval(every);
    }, 2_000);
    while (await time.step());
    time.uninstall();
    expect(seen).toEqual(['interval', 'interval', 'deadline at 5000', 'interval', 'timer at 60000']);
  });

  test('nothing happens for a server that is no more', async () => {
    const lives = { life: 1, down: false };
    const time = new VirtualTime(
      lives,
      () => 0,
      () => 0.5,
    );
    const seen: string[] = [];
    time.install();
    setTimeout(() => seen.push('of the first life'), 10);
    time.after(5, () => {
      lives.life = 2;
    });
    while (await time.step());
    time.uninstall();
    expect(seen).toEqual([]);
  });
});

test('a trace has the same hash for the same lines', () => {
  const hashOf = (...lines: string[]) => {
    const trace = new Trace();
    for (const line of lines) trace.tell(1, line);
    return trace.digest();
  };
  expect(hashOf('a', 'b')).toBe(hashOf('a', 'b'));
  expect(hashOf('a', 'b')).not.toBe(hashOf('b', 'a'));
});

describe('a database', () => {
  test('keeps its keys in order and finds ranges of them', () => {
    const database = new Database(new Random(1));
    database.write(
      ['b', 'a', 'c', 'd'].map((key) => [key, key]),
      true,
    );
    database.write([['c', undefined]], true);
    expect(database.range({})).toEqual(['a', 'b', 'd']);
    expect(database.range({ gte: 'b', lt: 'd' })).toEqual(['b']);
    expect(database.range({ gt: 'a', lte: 'd' })).toEqual(['b', 'd']);
  });

  test('loses at a power cut only what came after the last sync', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const database = new Database(new Random(seed));
      database.write([['a', 'old']], true);
      database.write([['a', 'new']], true);
      database.write([['b', 'perhaps']], false);
      database.powerCut();
      expect(database.get('a')).toBe('new');
      expect([undefined, 'perhaps']).toContain(database.get('b'));
    }
  });

  test('forgets at its next opening what was written after a write that failed', () => {
    const database = new Database(new Random(1));
    database.write([['a', '1']], true);
    database.fail([['b', '2']]);
    database.write([['c', '3']], true);
    expect(database.get('c')).toBe('3');
    database.open();
    expect([database.get('a'), database.get('c')]).toEqual(['1', undefined]);
  });
});
