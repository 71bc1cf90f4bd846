import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase, readFormat } from '../../../core/log/database.ts';
import { createLevelLog, LevelLog, openLevelLog } from '../../../core/log/level-log.ts';
import { storedHead } from '../../../core/log/stored-groups.ts';
import { StreamIndex } from '../../../core/log/stream-index.ts';
import { all } from '../../contracts/log-contract.ts';
import { newEvent } from '../../new-event.ts';

type Fault = 'nothing stored' | 'stored all the same';

describe('a write that fails', () => {
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ploinky-fault-'));
    const log = await createLevelLog({ folder, holder: 'test' });
    await log.append([newEvent('before')]);
    await log.close();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A log whose next write reports an error, whatever it did. Reopening closes this database and takes the real one. */
  async function faulty(fault: Fault, message: string, onClose = () => {}): Promise<LevelLog> {
    const db = await openDatabase(folder);
    const format = await readFormat(db);
    const clean = await storedHead(db);
    const batch = db.batch.bind(db) as () => ReturnType<Database['batch']>;
    const broken = () => {
      const real = batch();
      const write = real.write.bind(real) as (options?: object) => Promise<void>;
      real.write = (async (options?: object) => {
        if (fault === 'stored all the same') await write(options);
        throw new Error(message);
      }) as typeof real.write;
      return real;
    };
    db.batch = broken as typeof db.batch;
    const close = db.close.bind(db);
    db.close = async () => {
      onClose();
      await close();
    };
    return new LevelLog(
      { db, index: await StreamIndex.open(db, clean.seq) },
      { folder, holder: 'test' },
      format,
      clean,
    );
  }

  it.each<Fault>(['nothing stored', 'stored all the same'])(
    '(%s) acknowledges nothing and loses nothing',
    async (fault) => {
      const log = await faulty(fault, 'IO error: a bad sector');
      const told: string[] = [];
      log.subscribe({}, (events) => told.push(...events.map(({ stream }) => stream)));
      const failed = log.append([newEvent('during')], { idempotencyKey: 'k' });
      await expect(failed).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' });
      // What is on the disk is known by then, so that whoever decides next knows of it.
      expect(told).toEqual(fault === 'nothing stored' ? [] : ['during']);
      await log.append([newEvent('after')]);
      await log.append([newEvent('during')], { idempotencyKey: 'k' });
      const expected = fault === 'nothing stored' ? ['after', 'during'] : ['during', 'after'];
      expect((await all(log)).map(({ stream }) => stream)).toEqual(['before', ...expected]);
      expect(told).toEqual(expected);
      await log.close();
      const again = await openLevelLog({ folder, holder: 'test' });
      expect((await again.verify()).seq).toBe(3);
      await again.close();
    },
  );

  it('for want of space says so', async () => {
    const log = await faulty('nothing stored', 'IO error: 000005.log: No space left on device');
    await expect(log.append([newEvent()])).rejects.toMatchObject({ code: 'DISK_FULL', status: 507 });
    await log.append([newEvent()]);
    expect(log.head().seq).toBe(2);
    await log.close();
  });

  it('rejects all that share its group, and those who wait behind it are served after the reopening', async () => {
    const log = await faulty('nothing stored', 'IO error');
    const group = [1, 2, 3].map(() => log.append([newEvent('group')]));
    const outcomes = await Promise.allSettled(group);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    const later = await Promise.all([log.append([newEvent('later')]), log.append([newEvent('later')])]);
    expect(later.flat().map(({ seq }) => seq)).toEqual([2, 3]);
    await log.close();
  });

  it('does not disturb who reads meanwhile', async () => {
    const writing = await openLevelLog({ folder, holder: 'test' });
    for (let i = 0; i < 5; i += 1) {
      await writing.append(Array.from({ length: 1_000 }, (_, n) => newEvent(n === 0 ? 'first' : 'other', { i, n })));
    }
    await writing.close();
    const log = await faulty('nothing stored', 'IO error');
    const readers = [{}, { reverse: true }, { stream: 'other' }, { limit: 2_500 }].map((options) => ({
      options,
      events: log.read(options)[Symbol.asyncIterator](),
    }));
    for (const { events } of readers) await events.next();
    await expect(log.append([newEvent()])).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' });
    for (const { options, events } of readers) {
      let count = 1;
      while (!(await events.next()).done) count += 1;
      expect(count, JSON.stringify(options)).toBe((await all(log, options)).length);
    }
    await log.close();
  });

  it('does not disturb who checks the whole log meanwhile, or asks for a hash', async () => {
    const looking: Promise<unknown>[] = [];
    const log = await faulty('stored all the same', 'IO error: a bad sector', () => {
      looking.push(log.verify(), log.hashAt(1));
    });
    const { hash } = log.head();
    await expect(log.append([newEvent('during')])).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' });
    expect(await Promise.all(looking)).toEqual([expect.objectContaining({ seq: 2 }), hash]);
    await log.close();
    await expect(log.verify()).rejects.toMatchObject({ code: 'LOG_CLOSED' });
  });

  it('on which a refusal of the same group rests takes that along', async () => {
    const log = await faulty('nothing stored', 'IO error');
    const outcomes = await Promise.allSettled([
      log.append([newEvent('a')], { expectedVersion: 0 }),
      log.append([newEvent('a')], { expectedVersion: 0 }),
    ]);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: 'LOG_WRITE_FAILED' } });
    await log.append([newEvent('a')], { expectedVersion: 0 });
    await log.close();
  });
});
