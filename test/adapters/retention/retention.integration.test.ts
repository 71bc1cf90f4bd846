import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isPloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { NewEvent } from '../../../core/events/envelope.ts';
import { checkLog } from '../../../core/log/check-log.ts';
import { isGap } from '../../../core/log/gap.ts';
import { verifyLog } from '../../../core/log/verify-log.ts';
import { day, eventOf, KeptCloud } from './kept-cloud.ts';

let cloud: KeptCloud;
beforeEach(async () => {
  cloud = new KeptCloud();
  await cloud.open();
});
afterEach(() => cloud.end());

const segmentsOf = () => readdirSync(join(cloud.folder, 'segments'));

describe('sealing', () => {
  it('moves old task events into a file, and nobody who reads sees a difference', async () => {
    await cloud.write(40);
    const before = await cloud.all();
    const state = await cloud.stateText(before.length);
    cloud.settings = { 'retention.tasks': '7d' };
    const report = await cloud.run();
    expect(report.sealed).toMatchObject([{ from: 1, count: 80 }]);
    expect(segmentsOf()).toHaveLength(1);
    for (const reopened of [false, true]) {
      if (reopened) await cloud.reopen();
      expect((await cloud.all()).slice(0, before.length)).toEqual(before);
      expect((await cloud.all({ to: before.length, reverse: true })).reverse()).toEqual(before);
      expect(await cloud.all({ from: 17, to: 23 })).toEqual(before.slice(16, 23));
      expect(await cloud.all({ stream: 'task:t7' })).toEqual(before.filter(({ stream }) => stream === 'task:t7'));
      expect(await cloud.all({ types: ['task.completed'], limit: 3 })).toHaveLength(3);
      expect(await cloud.stateText(before.length)).toBe(state);
      expect(await cloud.log.verify()).toEqual(cloud.log.head());
      expect(await cloud.log.hashAt(20)).toBe(before[19]?.hash);
    }
    const again = await cloud.log.append([eventOf(9_999, null, '')], { idempotencyKey: 'k4' });
    expect(again).toEqual(before.slice(4, 8));
  });

  it('leaves what is younger, and does nothing twice', async () => {
    await cloud.write(10);
    cloud.settings = { 'retention.tasks': '30d' };
    expect((await cloud.run()).sealed).toEqual([]);
    cloud.settings = { 'retention.tasks': '7d' };
    expect((await cloud.run({ dryRun: true })).sealed).toHaveLength(1);
    expect((await cloud.run()).sealed).toHaveLength(1);
    const head = cloud.log.head();
    expect((await cloud.run()).sealed).toEqual([]);
    expect(cloud.log.head()).toEqual(head);
  });

  it('keeps everything where it is when told to keep for ever', async () => {
    await cloud.write(10);
    cloud.settings = { 'retention.tasks': 'forever' };
    expect((await cloud.run()).sealed).toEqual([]);
  });

  it.each(['log.sealed'])('is finished by the next run when it was cut off after %s', async (type) => {
    await cloud.write(10);
    const before = await cloud.all();
    cloud.settings = { 'retention.tasks': '7d' };
    await expect(cloud.run({}, (at) => at === type)).rejects.toThrow('cut off');
    await cloud.reopen();
    await cloud.log.verify();
    for (const file of segmentsOf()) writeFileSync(join(cloud.folder, 'segments', file), 'half of');
    await cloud.run();
    expect((await cloud.all()).slice(0, before.length)).toEqual(before);
    expect(await cloud.log.segments.list()).toHaveLength(1);
    await cloud.log.verify();
  });

  it('removes files that no event tells of', async () => {
    await cloud.write(10);
    cloud.settings = { 'retention.tasks': '7d' };
    await cloud.run();
    writeFileSync(join(cloud.folder, 'segments', '000000000900-000000000999.ndjson.gz'), 'x');
    expect((await cloud.run()).strays).toHaveLength(1);
    expect(segmentsOf()).toHaveLength(1);
  });
});

describe('while events are sealed and deleted', () => {
  it('others append and read on', async () => {
    await cloud.write(3_000);
    const before = await cloud.all();
    cloud.settings = { 'retention.tasks': '7d' };
    const slow = cloud.log.read();
    const read = [(await slow.next()).value];
    let running = true;
    const appended: unknown[] = [];
    const appending = (async () => {
      for (let n = 100_000; running; n += 1) appended.push(...(await cloud.log.append([eventOf(n, null, '')])));
    })();
    await cloud.run({ skipPayloads: true }).finally(() => {
      running = false;
    });
    await appending;
    for await (const event of slow) read.push(event);
    expect(read).toEqual(before);
    expect(appended.length).toBeGreaterThan(0);
    expect((await cloud.all()).slice(0, before.length)).toEqual(before);
    expect(await cloud.log.verify()).toEqual(cloud.log.head());
  });
});

describe('a segment file', () => {
  beforeEach(async () => {
    await cloud.write(20);
    cloud.settings = { 'retention.tasks': '7d' };
    await cloud.run();
  });

  const theFile = () => join(cloud.folder, 'segments', segmentsOf()[0] as string);
  const refusal = async () => {
    await cloud.reopen().catch(() => {});
    const error = await verifyLog(cloud.folder).catch((failure: unknown) => failure);
    return isPloinkyError(error) ? [error.code, error.message] : error;
  };

  it('that was changed is named, with the events it held', async () => {
    const file = theFile();
    const bytes = readFileSync(file);
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    await cloud.log.close();
    expect(await refusal()).toEqual([
      'LOG_DAMAGED',
      expect.stringMatching(/segments\/.*which holds task events from 1 to/),
    ]);
  });

  it('that is gone without anybody having deleted it is damage', async () => {
    rmSync(theFile());
    await cloud.log.close();
    expect(await refusal()).toEqual(['LOG_DAMAGED', expect.stringContaining('is gone')]);
  });
});

describe('deletion', () => {
  it('leaves one statement for each gap, a chain that holds, and the same state', async () => {
    await cloud.write(40);
    const before = await cloud.all();
    const state = JSON.parse(await cloud.stateText(before.length));
    cloud.settings = { 'retention.tasks': '7d', 'retention.segments': '14d' };
    const report = await cloud.run();
    expect(report.deleted).toMatchObject([{ from: 1, count: 80 }]);
    expect(segmentsOf()).toEqual([]);
    for (const reopened of [false, true]) {
      if (reopened) await cloud.reopen();
      const events = await cloud.all();
      const gaps = events.filter(isGap);
      expect(gaps.reduce((sum, { data }) => sum + data.count, 0)).toBe(80);
      expect(gaps[0]?.data).toMatchObject({ deletion: { reason: 'retention.segments = 14d' } });
      const kept = before.filter(({ type }) => !type.startsWith('task.'));
      expect(events.filter(({ type }) => !type.startsWith('log.'))).toEqual(kept);
      expect((await cloud.all({ reverse: true })).reverse()).toEqual(events);
      expect(await cloud.log.verify()).toEqual(cloud.log.head());
      const now = JSON.parse(await cloud.stateText());
      expect({ tasks: now.tasks, usage: now.usage, cloud: now.cloud }).toEqual({
        tasks: state.tasks,
        usage: state.usage,
        cloud: state.cloud,
      });
      expect((await cloud.fold()).missing).toBeNull();
      expect((await cloud.fold(5)).missing).toEqual({ from: 2, to: 5 });
      expect(await cloud.all({ stream: 'task:t7' })).toEqual([]);
      await expect(cloud.log.hashAt(4)).rejects.toMatchObject({
        code: 'EVENTS_DELETED',
        message: expect.stringContaining('Event 4 was a task event'),
      });
    }
    await expect(cloud.log.append([eventOf(9_999, null, '')], { idempotencyKey: 'k4' })).rejects.toMatchObject({
      code: 'EVENTS_DELETED',
    });
    await cloud.log.close();
    expect((await checkLog(cloud.folder, {})).gaps).toMatchObject([{ from: 2, events: 80 }]);
    await cloud.open();
  });

  it('is finished by the next run when it was cut off', async () => {
    await cloud.write(40);
    const state = JSON.parse(await cloud.stateText());
    cloud.settings = { 'retention.tasks': '7d', 'retention.segments': '14d' };
    await expect(cloud.run({}, (at) => at === 'log.segmentDeleted')).rejects.toThrow('cut off');
    await cloud.reopen();
    await cloud.run();
    expect(segmentsOf()).toEqual([]);
    await cloud.log.verify();
    expect(JSON.parse(await cloud.stateText()).usage).toEqual(state.usage);
  });

  it('does not let what stayed between two gaps be changed', async () => {
    await cloud.write(40);
    cloud.settings = { 'retention.tasks': '7d', 'retention.segments': '14d' };
    await cloud.run();
    await cloud.log.close();
    const { Level } = await import('level');
    const { seal, unseal } = await import('../../../core/log/sealed.ts');
    const { groupRange } = await import('../../../core/log/keys.ts');
    const { chain, splitLine } = await import('../../../core/log/record.ts');
    const db = new Level<string, string>(join(cloud.folder, 'log'));
    await db.open();
    for (const [key, value] of await db.iterator(groupRange).all()) {
      const content = unseal(key, value) ?? '';
      if (!content.startsWith('~')) continue;
      const lines = content.split('\n');
      const at = lines.findIndex((line) => line.includes('setting.changed'));
      const before = /"last":"([0-9a-f]{64})"/.exec(lines[at - 1] ?? '')?.[1] ?? '';
      const json = (splitLine(lines[at] ?? '')?.json ?? '').replace('"actor":"test"', '"actor":"evil"');
      lines[at] = `${chain(before, json)} ${json}`;
      await db.put(key, seal(key, lines.join('\n')));
    }
    await db.close();
    await expect(verifyLog(cloud.folder)).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    await cloud.open().catch(() => {});
  });
});

describe('any history, sealed anywhere', () => {
  it('reads back identical, verifies and folds to the same state; with its files deleted it says so', async () => {
    const step = fc.record({ task: fc.constantFrom('begin', 'end', null), group: fc.integer({ min: 1, max: 9 }) });
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 120 }),
      fc.array(fc.integer({ min: 1, max: 130 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: 4 }),
      async (steps, cuts, deletions) => {
        await withCloud(async (one) => {
          const open: string[] = [];
          const events: NewEvent[] = [eventOf(1, null, '')];
          const group: NewEvent[] = [];
          for (const { task, group: size } of steps) {
            const n = events.length + 1;
            const ending = task === 'end' ? open.shift() : undefined;
            const kind = task === 'end' && ending === undefined ? null : task;
            if (kind === 'begin') open.push(`t${n}`);
            events.push(eventOf(n, kind, ending ?? `t${n}`));
            group.push(events.at(-1) as NewEvent);
            if (events.length === 2) group.unshift(events[0] as NewEvent);
            if (group.length >= size) await one.log.append(group.splice(0));
          }
          if (group.length > 0) await one.log.append(group);
          const before = await one.all();
          const states = await Promise.all(before.map(({ seq }) => one.stateText(seq)));
          for (const cut of [...cuts].sort((a, b) => a - b)) {
            // Everything up to event `cut` is seven days old then.
            one.now = Date.parse('2026-01-01T00:00:00.000Z') + cut * 1_000 + 500 + 7 * day;
            one.settings = { 'retention.tasks': '7d' };
            await one.run();
          }
          expect((await one.all()).slice(0, before.length)).toEqual(before);
          expect(await one.log.verify()).toEqual(one.log.head());
          expect(await one.stateText(before.length)).toBe(states.at(-1));
          const middle = Math.ceil(before.length / 2);
          expect(await one.stateText(middle)).toBe(states[middle - 1]);
          one.settings = { 'retention.tasks': 'forever', 'retention.segments': '1s' };
          one.now += 365 * day;
          await one.run({ mostSegments: deletions });
          await one.reopen();
          expect(await one.log.verify()).toEqual(one.log.head());
          const left = await one.all();
          for (const event of left)
            if (!isGap(event) && event.seq <= before.length) expect(event).toEqual(before[event.seq - 1]);
          const { tasks, usage, cloud: settings } = JSON.parse(await one.stateText());
          const last = JSON.parse(states.at(-1) as string);
          expect({ tasks, usage, settings }).toEqual({ tasks: last.tasks, usage: last.usage, settings: last.cloud });
        });
      },
    );
    await fc.assert(property, { numRuns: 25 });
  });
});

async function withCloud(work: (one: KeptCloud) => Promise<void>): Promise<void> {
  const one = new KeptCloud();
  try {
    await one.open();
    await work(one);
  } finally {
    await one.end();
  }
}
