import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLevelLog, openLevelLog } from '../../../core/log/level-log.ts';
import { seal, unseal } from '../../../core/log/sealed.ts';
import { verifyLog } from '../../../core/log/verify-log.ts';
import { all, logContract } from '../../contracts/log-contract.ts';
import { newEvent } from '../../new-event.ts';

let contractFolder = '';
logContract('on LevelDB', {
  open: () => {
    contractFolder = mkdtempSync(join(tmpdir(), 'ploinky-log-'));
    return createLevelLog({ folder: contractFolder, holder: 'test' });
  },
  end: async () => rmSync(contractFolder, { recursive: true, force: true }),
});

describe('a log on disk', () => {
  let folder: string;
  const options = () => ({ folder, holder: 'the test' });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ploinky-log-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function written(count: number): Promise<void> {
    const log = await createLevelLog(options());
    for (let i = 0; i < count; i += 50) {
      await Promise.all(
        Array.from({ length: Math.min(50, count - i) }, (_, j) => log.append([newEvent(`s${j % 7}`, { n: i + j })])),
      );
    }
    await log.close();
  }

  it('is the same after it was opened again, and goes on', async () => {
    await written(300);
    const log = await openLevelLog(options());
    expect((await all(log)).map(({ data }) => (data as { n: number }).n)).toEqual(
      Array.from({ length: 300 }, (_, i) => i),
    );
    const [next] = await log.append([newEvent('s1')], {
      expectedVersion: (await all(log, { stream: 's1', reverse: true, limit: 1 }))[0]?.seq ?? 0,
    });
    expect(next?.seq).toBe(301);
    expect(await log.verify()).toEqual(log.head());
    await log.close();
  });

  it('remembers idempotency keys', async () => {
    const log = await createLevelLog(options());
    const first = await log.append([newEvent()], { idempotencyKey: 'k' });
    await log.close();
    const again = await openLevelLog(options());
    expect(await again.append([newEvent()], { idempotencyKey: 'k' })).toEqual(first);
    await again.close();
  });

  it('is made only once, and only by create', async () => {
    await expect(openLevelLog(options())).rejects.toMatchObject({ code: 'LOG_MISSING' });
    await written(1);
    await expect(createLevelLog(options())).rejects.toMatchObject({ code: 'LOG_EXISTS' });
  });

  it('is made whole or not at all: what a cut-off creation left does not look like one', async () => {
    mkdirSync(join(folder, 'log.new'));
    writeFileSync(join(folder, 'log.new', 'LOCK'), '');
    mkdirSync(join(folder, 'log'));
    await expect(openLevelLog(options())).rejects.toMatchObject({ code: 'LOG_MISSING' });
    await written(1);
    expect(readdirSync(folder).sort()).toEqual(['head.json', 'log']);
  });

  it('is made by one of two that try at once', async () => {
    const tries = await Promise.allSettled([createLevelLog(options()), createLevelLog(options())]);
    const [made] = tries.filter((outcome) => outcome.status === 'fulfilled');
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(tries.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: expect.stringMatching(/^LOG_(EXISTS|HELD)$/) },
    });
    await made?.value.append([newEvent()]);
    await made?.value.close();
  });

  it('held by somebody names the holder', async () => {
    const log = await createLevelLog(options());
    await expect(openLevelLog(options())).rejects.toMatchObject({
      code: 'LOG_HELD',
      message: expect.stringContaining(`process ${process.pid} (the test)`),
    });
    await log.close();
  });

  it('opened for reading is not written', async () => {
    await written(10);
    const log = await openLevelLog({ ...options(), readOnly: true });
    expect(await all(log)).toHaveLength(10);
    await expect(log.append([newEvent()])).rejects.toMatchObject({ code: 'LOG_CLOSED' });
    await log.close();
  });

  describe('that is damaged is refused, and nothing is lost by asking', () => {
    const files = () => readdirSync(join(folder, 'log')).sort();

    it('CURRENT is missing', async () => {
      await written(100);
      rmSync(join(folder, 'log', 'CURRENT'));
      const before = files();
      await expect(openLevelLog(options())).rejects.toMatchObject({
        code: 'LOG_DAMAGED',
        message: expect.stringContaining('CURRENT'),
      });
      expect(files()).toEqual(before);
    });

    it('the newest events were cut off, as the head marker knows', async () => {
      await written(100);
      const marker = JSON.parse(readFileSync(join(folder, 'head.json'), 'utf8'));
      expect(marker.seq).toBe(100);
      writeFileSync(join(folder, 'head.json'), JSON.stringify({ ...marker, seq: 120 }));
      await expect(openLevelLog(options())).rejects.toMatchObject({
        code: 'LOG_DAMAGED',
        message: expect.stringContaining('101 to 120'),
      });
    });

    it('the log is another one than the marker remembers', async () => {
      await written(100);
      const marker = JSON.parse(readFileSync(join(folder, 'head.json'), 'utf8'));
      writeFileSync(join(folder, 'head.json'), JSON.stringify({ ...marker, hash: 'f'.repeat(64) }));
      await expect(openLevelLog(options())).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
      writeFileSync(join(folder, 'head.json'), JSON.stringify({ ...marker, logId: 'other' }));
      await expect(openLevelLog(options())).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
      writeFileSync(join(folder, 'head.json'), 'no json');
      await expect(openLevelLog(options())).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    });

    /** What somebody with a LevelDB of their own might do to the newest group. */
    async function changeNewestGroup(change: (key: string, value: string) => string): Promise<void> {
      const { ClassicLevel } = await import('classic-level');
      const db = new ClassicLevel<string, string>(join(folder, 'log'));
      const [[key = '', value = ''] = []] = await db.iterator({ gte: 'e!', lt: 'e"', reverse: true, limit: 1 }).all();
      await db.put(key, change(key, value));
      await db.close();
    }

    it('an event was changed, as its checksum says', async () => {
      await written(100);
      await changeNewestGroup((_, value) => value.replace('"actor":"test"', '"actor":"tess"'));
      await expect(openLevelLog(options())).rejects.toMatchObject({
        code: 'LOG_DAMAGED',
        message: expect.stringMatching(/events from \d+ on was changed/),
      });
    });

    it('an event was changed on purpose, as the hash chain says', async () => {
      await written(100);
      await changeNewestGroup((key, value) => {
        const content = (unseal(key, value) as string).replace('"actor":"test"', '"actor":"nobody"');
        return seal(key, content);
      });
      const refusal = { code: 'LOG_DAMAGED', message: expect.stringMatching(/Event \d+ was changed/) };
      await expect(openLevelLog(options())).rejects.toMatchObject(refusal);
      await expect(verifyLog(folder)).rejects.toMatchObject(refusal);
    });

    it('a group of events is missing from the middle', async () => {
      await written(200);
      const { ClassicLevel } = await import('classic-level');
      const db = new ClassicLevel<string, string>(join(folder, 'log'));
      const keys = await db.keys({ gte: 'e!', lt: 'e"' }).all();
      await db.del(keys[Math.floor(keys.length / 2)] ?? '');
      await db.close();
      await expect(openLevelLog(options())).rejects.toMatchObject({
        code: 'LOG_DAMAGED',
        message: expect.stringMatching(/events \d+ to \d+ are missing/),
      });
    });

    it('the folder is LevelDB, but not ours', async () => {
      const { ClassicLevel } = await import('classic-level');
      const db = new ClassicLevel<string, string>(join(folder, 'log'));
      await db.put('a', 'b');
      await db.close();
      await expect(openLevelLog(options())).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    });

    it('the format is of another time', async () => {
      await written(1);
      const { ClassicLevel } = await import('classic-level');
      const db = new ClassicLevel<string, string>(join(folder, 'log'));
      await db.put('m!format', JSON.stringify({ format: 99, logId: 'x' }));
      await db.close();
      await expect(openLevelLog(options())).rejects.toMatchObject({ code: 'LOG_FORMAT' });
    });
  });
});
