import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pageKey } from '../../../core/log/keys.ts';
import { createLevelLog, type LevelLog, openLevelLog } from '../../../core/log/level-log.ts';
import { pageSize } from '../../../core/log/stream-index.ts';
import { all } from '../../contracts/log-contract.ts';
import { newEvent } from '../../new-event.ts';

let folder: string;
let log: LevelLog;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ploinky-streams-'));
  log = await createLevelLog({ folder, holder: 'test' });
});
afterEach(async () => {
  await log.close();
  rmSync(folder, { recursive: true, force: true });
});

const streams = 97;
const streamOf = (seq: number) => `s${seq % streams}`;

async function appendUpTo(last: number): Promise<void> {
  while (log.head().seq < last) {
    const first = log.head().seq + 1;
    const count = Math.min(1_000, last - first + 1);
    await log.append(Array.from({ length: count }, (_, i) => newEvent(streamOf(first + i))));
  }
}

async function reopen(): Promise<void> {
  await log.close();
  log = await openLevelLog({ folder, holder: 'test' });
}

async function expectStreamsRight(): Promise<void> {
  const head = log.head().seq;
  const every = Array.from({ length: head }, (_, i) => i + 1);
  for (const stream of ['s0', 's1', 's96']) {
    const seqs = every.filter((seq) => streamOf(seq) === stream);
    expect((await all(log, { stream })).map(({ seq }) => seq)).toEqual(seqs);
    const [newest] = await all(log, { stream, reverse: true, limit: 1 });
    expect(newest?.seq).toBe(seqs.at(-1));
  }
}

it.each([pageSize - 1, pageSize, pageSize * 2, pageSize * 2 + 1])(
  'finds streams in a log of %i events, opened again and grown',
  async (events) => {
    await appendUpTo(events);
    await expectStreamsRight();
    await reopen();
    await expectStreamsRight();
    await appendUpTo(events + pageSize);
    await expectStreamsRight();
    await reopen();
    await appendUpTo(events + pageSize + 5);
    await expectStreamsRight();
  },
);

it('keeps the version of a stream across reopening, over the edges where widths of numbers change', async () => {
  await appendUpTo(65_540);
  for (const [from, to] of [
    [254, 258],
    [65_534, 65_538],
  ] as const) {
    const seqs = Array.from({ length: to - from + 1 }, (_, i) => from + i);
    expect((await all(log, { from, to })).map(({ seq }) => seq)).toEqual(seqs);
    expect((await all(log, { from, to, reverse: true })).map(({ seq }) => seq)).toEqual(seqs.toReversed());
  }
  await reopen();
  const last = log.head().seq;
  await expect(log.append([newEvent(streamOf(last))], { expectedVersion: last - streams })).rejects.toMatchObject({
    code: 'VERSION_CONFLICT',
    details: { expected: last - streams, actual: last },
  });
  await log.append([newEvent(streamOf(last))], { expectedVersion: last });
});

it('makes a page again that is gone or changed', async () => {
  await appendUpTo(pageSize * 3 + 10);
  await log.close();
  const db = new ClassicLevel<string, string>(join(folder, 'log'));
  await db.del(pageKey(1));
  const value = (await db.get(pageKey(2))) ?? '';
  await db.put(pageKey(2), `${value.slice(0, 100)}${value[100] === 'A' ? 'B' : 'A'}${value.slice(101)}`);
  await db.close();
  log = await openLevelLog({ folder, holder: 'test' });
  await expectStreamsRight();
});
