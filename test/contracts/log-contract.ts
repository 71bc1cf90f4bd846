import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { EventLog, ReadOptions } from '../../core/log/log-port.ts';
import { chain, genesisHash } from '../../core/log/record.ts';
import { newEvent } from '../new-event.ts';

/** How a suite gets at one implementation. */
export interface LogFixture {
  /** An empty log. */
  open(): Promise<EventLog>;
  /** Ends everything that `open` made. */
  end(): Promise<void>;
}

export async function all(log: EventLog, options?: ReadOptions): Promise<EventEnvelope[]> {
  const events: EventEnvelope[] = [];
  for await (const event of log.read(options)) events.push(event);
  return events;
}

async function pieces(log: EventLog, options?: ReadOptions): Promise<(readonly EventEnvelope[])[]> {
  const found: (readonly EventEnvelope[])[] = [];
  for await (const piece of log.readPieces(options)) found.push(piece);
  return found;
}

/** What every implementation of the log must do. */
export function logContract(name: string, fixture: LogFixture): void {
  describe(`the log: ${name}`, () => {
    let log: EventLog;
    beforeEach(async () => {
      log = await fixture.open();
    });
    afterEach(async () => {
      await log.close();
      await fixture.end();
    });

    describe('append', () => {
      it('gives contiguous numbers from 1 and a hash chain', async () => {
        expect(log.head()).toEqual({ seq: 0, hash: genesisHash });
        await Promise.all([log.append([newEvent(), newEvent()]), log.append([newEvent('b')])]);
        const events = await all(log);
        expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3]);
        let previous = genesisHash;
        for (const { hash, ...rest } of events) {
          expect(hash).toBe(chain(previous, JSON.stringify(rest)));
          previous = hash;
        }
        expect(log.head()).toEqual({ seq: 3, hash: previous });
      });

      it('answers with the events as they are stored', async () => {
        const appended = await log.append([newEvent('a', { x: [1, null, 'ä\n"'] })]);
        expect(await all(log)).toEqual(appended);
      });

      it('keeps the order in which it was asked, under concurrency', async () => {
        const asked = Array.from({ length: 300 }, (_, i) => newEvent('a', { i }));
        await Promise.all(asked.map((event) => log.append([event])));
        expect((await all(log)).map(({ id }) => id)).toEqual(asked.map(({ id }) => id));
      });

      it('of nothing changes nothing', async () => {
        expect(await log.append([])).toEqual([]);
        expect(log.head().seq).toBe(0);
      });

      it('takes every JSON there is', async () => {
        await fc.assert(
          fc.asyncProperty(fc.jsonValue(), fc.string(), async (data, text) => {
            const [stored] = await log.append([newEvent('s', { data, text })]);
            const [read] = await all(log, { from: stored?.seq ?? 0 });
            expect(read?.data).toEqual(JSON.parse(JSON.stringify({ data, text })));
          }),
          { numRuns: 50 },
        );
      });

      it('keeps the key __proto__ as plain data', async () => {
        await log.append([newEvent('a', JSON.parse('{"__proto__":{"admin":true}}'))]);
        const [event] = await all(log);
        expect(Object.keys(event?.data as object)).toEqual(['__proto__']);
        expect(({} as { admin?: boolean }).admin).toBeUndefined();
      });

      it('of an event that JSON cannot hold is rejected alone', async () => {
        const cycle: { self?: unknown } = {};
        cycle.self = cycle;
        const [bad, good] = await Promise.allSettled([log.append([newEvent('a', cycle)]), log.append([newEvent()])]);
        expect(bad.status).toBe('rejected');
        expect(good.status).toBe('fulfilled');
        expect(log.head().seq).toBe(1);
      });
    });

    describe('expected version', () => {
      it('lets in what saw the last event, and names stream, expected and actual otherwise', async () => {
        await log.append([newEvent('a')], { expectedVersion: 0 });
        await log.append([newEvent('b')], { expectedVersion: 0 });
        await log.append([newEvent('a')], { expectedVersion: 1 });
        const late = log.append([newEvent('a')], { expectedVersion: 1 });
        await expect(late).rejects.toMatchObject({
          code: 'VERSION_CONFLICT',
          message: expect.stringMatching(/stream a .*event 1.*event 3/),
        });
      });

      it('lets exactly one of many at once win', async () => {
        const tries = Array.from({ length: 20 }, () => log.append([newEvent('a')], { expectedVersion: 0 }));
        const won = (await Promise.allSettled(tries)).filter(({ status }) => status === 'fulfilled');
        expect(won).toHaveLength(1);
        expect(log.head().seq).toBe(1);
      });

      it('does not mistake one stream for another that begins alike', async () => {
        await log.append([newEvent('a'), newEvent('a!'), newEvent('a:b')]);
        await log.append([newEvent('a')], { expectedVersion: 1 });
      });
    });

    describe('idempotency key', () => {
      it('appends once, later and at once', async () => {
        const first = await log.append([newEvent(), newEvent()], { idempotencyKey: 'k' });
        expect(await log.append([newEvent()], { idempotencyKey: 'k' })).toEqual(first);
        const same = [1, 2, 3].map(() => log.append([newEvent()], { idempotencyKey: 'other' }));
        const [one, two, three] = await Promise.all(same);
        expect(two).toEqual(one);
        expect(three).toEqual(one);
        expect(log.head().seq).toBe(3);
      });
    });

    describe('idempotency key, of a form', () => {
      it.each([
        ['empty', ''],
        ['too long', 'k'.repeat(201)],
        ['half a character', 'k\ud800'],
      ])('that is %s is refused', async (_, idempotencyKey) => {
        await expect(log.append([newEvent()], { idempotencyKey })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
        expect(log.head().seq).toBe(0);
      });

      it.each(['k'.repeat(200), '😀', '__proto__', '\0'])('%j is taken', async (idempotencyKey) => {
        const first = await log.append([newEvent()], { idempotencyKey });
        expect(await log.append([newEvent()], { idempotencyKey })).toEqual(first);
      });
    });

    describe('read', () => {
      beforeEach(async () => {
        for (let i = 1; i <= 30; i += 1) {
          await log.append([newEvent(i % 3 === 0 ? 'three' : 'rest', { i }, i % 2 === 0 ? 'even' : 'odd')]);
        }
      });

      const numbers = (events: readonly EventEnvelope[]) => events.map(({ seq }) => seq);

      it.each<[string, ReadOptions, number[]]>([
        ['a range', { from: 5, to: 7 }, [5, 6, 7]],
        ['backwards', { from: 5, to: 7, reverse: true }, [7, 6, 5]],
        ['the newest', { reverse: true, limit: 3 }, [30, 29, 28]],
        ['a stream', { stream: 'three', to: 9 }, [3, 6, 9]],
        ['a stream backwards', { stream: 'three', reverse: true, limit: 2 }, [30, 27]],
        ['a stream from the middle', { stream: 'three', from: 25 }, [27, 30]],
        ['types', { types: ['odd'], limit: 3 }, [1, 3, 5]],
        ['a type of a stream', { stream: 'three', types: ['even'] }, [6, 12, 18, 24, 30]],
        ['nothing past the end', { from: 31 }, []],
        ['nothing of an unknown stream', { stream: 'none' }, []],
        ['nothing with limit 0', { limit: 0 }, []],
        ['from before the start', { from: -5, to: 2 }, [1, 2]],
      ])('%s', async (_, options, expected) => {
        expect(numbers(await all(log, options))).toEqual(expected);
        expect(numbers((await pieces(log, options)).flat())).toEqual(expected);
      });

      it('gives the same in pieces, of which none is empty or holds everything', async () => {
        await log.append(Array.from({ length: 5_000 }, () => newEvent('many')));
        for (const options of [{}, { reverse: true }, { from: 100, to: 4_321, limit: 4_000 }, { types: ['odd'] }]) {
          const found = await pieces(log, options);
          expect(found.flat()).toEqual(await all(log, options));
          expect(Math.min(...found.map(({ length }) => length))).toBeGreaterThan(0);
          expect(Math.max(...found.map(({ length }) => length))).toBeLessThan(4_000);
        }
      });

      it('in pieces ends at the head of the moment it was called, however late it begins', async () => {
        const found = log.readPieces({ from: 29 });
        await log.append([newEvent()]);
        const seqs: number[] = [];
        for await (const piece of found) seqs.push(...numbers(piece));
        expect(seqs).toEqual([29, 30]);
      });

      it('ends at the head of the moment it began', async () => {
        const iterator = log.read()[Symbol.asyncIterator]();
        await iterator.next();
        await log.append([newEvent()]);
        let last = 1;
        for (let next = await iterator.next(); !next.done; next = await iterator.next()) last = next.value.seq;
        expect(last).toBe(30);
      });

      it('ends at the head of the moment it was called, however late it begins', async () => {
        const events = log.read({ from: 29 });
        await log.append([newEvent()]);
        const seqs: number[] = [];
        for await (const { seq } of events) seqs.push(seq);
        expect(seqs).toEqual([29, 30]);
      });

      it('can be left early', async () => {
        for await (const event of log.read()) {
          expect(event.seq).toBe(1);
          break;
        }
        await log.append([newEvent()]);
        expect(log.head().seq).toBe(31);
      });
    });

    describe('subscribe', () => {
      it('tells of events before the promise of their append resolves', async () => {
        const told: number[] = [];
        log.subscribe({}, (events) => told.push(...events.map(({ seq }) => seq)));
        await log.append([newEvent()]);
        expect(told).toEqual([1]);
      });

      it('gives history and then what comes, without gap or double, under concurrent appends', async () => {
        await Promise.all(Array.from({ length: 100 }, () => log.append([newEvent()])));
        const told: number[] = [];
        const subscription = log.subscribe({ from: 11 }, (events) => told.push(...events.map(({ seq }) => seq)));
        const appends = Array.from({ length: 100 }, () => log.append([newEvent()]));
        await subscription.ready;
        await Promise.all(appends);
        await log.append([newEvent()]);
        expect(told).toEqual(Array.from({ length: 191 }, (_, i) => i + 11));
      });

      it('tells nothing after close', async () => {
        const told: number[] = [];
        const subscription = log.subscribe({}, (events) => told.push(events.length));
        await log.append([newEvent()]);
        subscription.close();
        await log.append([newEvent()]);
        expect(told).toEqual([1]);
      });

      it('tells who subscribes inside a listener only of what comes after', async () => {
        const told: number[] = [];
        const outer = log.subscribe({}, () => {
          outer.close();
          log.subscribe({}, (events) => told.push(...events.map(({ seq }) => seq)));
        });
        await log.append([newEvent()]);
        await log.append([newEvent()]);
        expect(told).toEqual([2]);
      });

      it('tells nothing to who is closed by a listener before it', async () => {
        const told: number[] = [];
        log.subscribe({}, () => second.close());
        const second = log.subscribe({}, (events) => told.push(events.length));
        await log.append([newEvent()]);
        expect(told).toEqual([]);
      });

      it('survives a listener that throws', async () => {
        const told: number[] = [];
        log.subscribe({}, () => {
          throw new Error('a bad listener');
        });
        log.subscribe({}, (events) => told.push(events.length));
        await log.append([newEvent()]);
        await log.append([newEvent()]);
        expect(told).toEqual([1, 1]);
      });
    });

    describe('close', () => {
      it('finishes what was asked before and refuses what comes after', async () => {
        const before = log.append([newEvent()]);
        await log.close();
        await log.close();
        expect((await before)[0]?.seq).toBe(1);
        await expect(log.append([newEvent()])).rejects.toMatchObject({ code: 'LOG_CLOSED' });
        await expect(all(log)).rejects.toMatchObject({ code: 'LOG_CLOSED' });
        await expect(pieces(log)).rejects.toMatchObject({ code: 'LOG_CLOSED' });
      });
    });
  });
}
