import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DayFile } from '../../../adapters/logs/day-file.ts';
import { createLogger } from '../../../adapters/logs/logger.ts';
import { listDays, openDay, tailOfDay } from '../../../adapters/logs/read-logs.ts';

let folder: string;
let now = Date.parse('2026-03-01T23:59:59.999Z');
const dayFile = (retentionDays = 7) => new DayFile({ folder, retentionDays: () => retentionDays, now: () => now });
const content = (day: string) => readFile(path.join(folder, `p-cloud-${day}.log`), 'utf8');

beforeEach(async () => {
  now = Date.parse('2026-03-01T23:59:59.999Z');
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'ploinky-logs-')), 'logs');
});
afterEach(() => rm(path.dirname(folder), { recursive: true, force: true }));

describe('DayFile', () => {
  it('keeps the order, makes the folder, and lets only its owner read', async () => {
    const file = dayFile();
    for (let i = 0; i < 1_000; i += 1) file.write(`${i}\n`);
    await file.flush();
    file.write('last\n');
    await file.close();
    const lines = (await content('2026-03-01')).split('\n');
    expect(lines).toEqual([...Array.from({ length: 1_000 }, (_, i) => String(i)), 'last', '']);
    expect((await stat(path.join(folder, 'p-cloud-2026-03-01.log'))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('begins a new file with the UTC day, and appends to one that is there', async () => {
    const file = dayFile();
    file.write('before\n');
    await file.flush();
    now += 1;
    file.write('after\n');
    await file.close();
    const again = dayFile();
    again.write('restarted\n');
    await again.close();
    expect(await content('2026-03-01')).toBe('before\n');
    expect(await content('2026-03-02')).toBe('after\nrestarted\n');
  });

  it('forgets days past their time, and nothing else', async () => {
    const first = dayFile();
    first.write('x\n');
    await first.close();
    for (const name of ['p-cloud-2026-02-21.log', 'p-cloud-2026-02-22.log', 'install-1.log', 'p-cloud-old.log']) {
      await writeFile(path.join(folder, name), 'x');
    }
    const second = dayFile(7);
    second.write('y\n');
    await second.close();
    expect(await readdir(folder)).toEqual([
      'install-1.log',
      'p-cloud-2026-02-22.log',
      'p-cloud-2026-03-01.log',
      'p-cloud-old.log',
    ]);
  });

  it('survives a disk that refuses, and says later how much was lost', async () => {
    await writeFile(folder, 'a file where the folder should be');
    const file = dayFile();
    for (let i = 0; i < 3; i += 1) file.write('lost\n');
    await file.flush();
    await rm(folder);
    file.write('kept\n');
    await file.close();
    const [notice, line] = (await content('2026-03-01')).split('\n');
    expect(JSON.parse(notice ?? '')).toMatchObject({ level: 'warn', message: 'log lines were lost', lost: 3 });
    expect(line).toBe('kept');
  });

  it('writes at once when the process ends', async () => {
    const file = dayFile();
    file.write('one\n');
    file.write('two\n');
    file.flushSync();
    expect(await content('2026-03-01')).toBe('one\ntwo\n');
    await file.close();
  });
});

it('lines have level, ts and message; the level may change; proofs are masked', async () => {
  const file = dayFile();
  const logger = createLogger(file, 'info');
  logger.debug('not yet');
  logger.info({ url: '/demo', apiKey: 'sk_secret', headers: { cookie: 'secret' } }, 'request');
  logger.level = 'debug';
  logger.debug('now');
  logger.error({ err: new Error('broken') }, 'failed');
  await file.close();
  const lines = (await content('2026-03-01'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toEqual([
    { level: 'info', ts: expect.any(String), message: 'request', url: '/demo', apiKey: '***', headers: '***' },
    { level: 'debug', ts: expect.any(String), message: 'now' },
    { level: 'error', ts: expect.any(String), message: 'failed', err: expect.objectContaining({ message: 'broken' }) },
  ]);
  expect(new Date(lines[0].ts).toISOString()).toBe(lines[0].ts);
});

describe('reading', () => {
  const write = async (text: string) => {
    const file = dayFile();
    file.write(text);
    await file.close();
  };

  it('the last lines come from the end, across chunks, whatever characters they hold', async () => {
    const line = `${'ä€😀'.repeat(3_000)}`;
    await write(Array.from({ length: 20 }, (_, i) => `${i}${line}\n`).join(''));
    expect(await tailOfDay(folder, '2026-03-01', 3)).toBe(`17${line}\n18${line}\n19${line}\n`);
    expect((await tailOfDay(folder, '2026-03-01', 500)).split('\n')).toHaveLength(21);
  });

  it('an unfinished line is shown too', async () => {
    await write('one\ntwo\nthr');
    expect(await tailOfDay(folder, '2026-03-01', 1)).toBe('two\nthr');
  });

  it('days without a file have no lines and no file to read', async () => {
    expect(await tailOfDay(folder, '2026-03-01', 5)).toBe('');
    expect(await listDays(folder)).toEqual([]);
    expect(await openDay(folder, '2026-03-01')).toBeNull();
    await write('x\n');
    expect(await listDays(folder)).toEqual(['2026-03-01']);
    expect(Buffer.concat((await (await openDay(folder, '2026-03-01'))?.toArray()) ?? []).toString()).toBe('x\n');
  });
});
