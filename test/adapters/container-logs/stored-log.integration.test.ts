import { appendFileSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepBounded } from '../../../adapters/container-logs/keep-bounded.ts';
import { entryText, type LogEntry } from '../../../adapters/container-logs/log-entry.ts';
import { continues, LogWriter } from '../../../adapters/container-logs/log-writer.ts';
import { type LogLine, quiet, readDeployment } from '../../../adapters/container-logs/read-deployment.ts';
import { replicaFolder, segmentFile, segmentsOf } from '../../../adapters/container-logs/segments.ts';
import type { OutputMark } from '../../../adapters/engine/output-line.ts';
import { outputTime } from '../../../adapters/engine/output-time.ts';

/** Of all deployments, and of the one that the tests look at. */
let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pl-log-'));
  folder = join(root, 'localhost-demo');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const begin = Date.parse('2026-11-21T10:00:00Z');
const time = (n: number) => outputTime(begin + n * 1_000);
const line = (n: number, stream: 'stdout' | 'stderr' = 'stdout'): LogEntry => ({
  time: time(n),
  stream,
  n,
  text: `line ${n}`,
});
const started: LogEntry = { time: time(0), stream: 'ploinky', text: 'x started', engineId: 'e1' };

function writer(release = 1, bounds = { fileBytes: 500, files: 3 }, marks: () => OutputMark[] = () => []) {
  const at = replicaFolder(folder, release, 1);
  return LogWriter.open(
    at,
    () => bounds,
    () => continues(time(0), 'e1', marks()),
  );
}

async function written(numbers: readonly number[], release = 1): Promise<void> {
  const log = await writer(release);
  for (const n of numbers) await log.append([line(n)]);
  await log.close();
}

async function all(query: object = {}): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const one of readDeployment({ folder, ...query }, null))
    if (one !== quiet && !('places' in one)) lines.push(one);
  return lines;
}

const texts = (lines: readonly LogLine[]) => lines.filter(({ stream }) => stream !== 'ploinky').map(({ text }) => text);

describe('a stored log', () => {
  it('begins a new file where one is full and keeps so many', async () => {
    await written(Array.from({ length: 60 }, (_, i) => i));
    const at = replicaFolder(folder, 1, 1);
    const segments = await segmentsOf(at);
    expect(segments).toHaveLength(3);
    for (const segment of segments) expect(statSync(segmentFile(at, segment)).size).toBeLessThan(700);
    expect(texts(await all({ lines: 3 }))).toEqual(['line 57', 'line 58', 'line 59']);
  });

  it('goes on where it ended, whatever a crash left of the last line', async () => {
    const log = await writer();
    await log.append([started, line(1), line(2, 'stderr'), line(3)]);
    await log.close();
    const file = segmentFile(replicaFolder(folder, 1, 1), 1);
    const whole = statSync(file).size;
    const torn = entryText(line(4));
    for (let length = 0; length < torn.length; length += 1) {
      appendFileSync(file, torn.slice(0, length));
      const again = await writer();
      expect(again.end).toMatchObject({ bytes: whole, engineId: 'e1', ended: false });
      expect(again.end.marks).toEqual(
        expect.arrayContaining([
          { stream: 'stdout', time: time(3), n: 3 },
          { stream: 'stderr', time: time(2), n: 2 },
        ]),
      );
      await again.close();
    }
    truncateSync(file, whole);
  });

  it('knows its marks from the last file alone, and those of what was dropped', async () => {
    const marks: OutputMark[] = [
      { stream: 'stdout', time: time(9), n: 90 },
      { stream: 'stderr', time: time(8), n: 80 },
    ];
    const log = await writer(1, { fileBytes: 100, files: 3 }, () => marks);
    await log.append([started, line(1)]);
    await log.append([line(10)]);
    const dropped = [
      { stream: 'stderr' as const, time: time(12), n: 120 },
      { stream: 'stdout' as const, time: time(10), n: 10 },
    ];
    await log.append([
      { time: time(12), stream: 'ploinky', text: 'dropped', dropped: { lines: 1, bytes: 5 }, marks: dropped },
    ]);
    await log.close();
    const again = await writer(1, { fileBytes: 1e6, files: 3 });
    await again.close();
    expect(again.end.marks).toEqual(
      expect.arrayContaining([
        { stream: 'stdout', time: time(10), n: 10 },
        { stream: 'stderr', time: time(12), n: 120 },
      ]),
    );
  });

  it('is no JSON that a terminal would obey', () => {
    const entry: LogEntry = { ...started, text: '\u001b[31m\u009b\u202e\u0007\n✓' };
    expect(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/.test(entryText(entry))).toBe(false);
    expect(JSON.parse(entryText(entry))).toEqual(entry);
  });
});

describe('reading', () => {
  it('merges releases by time and takes what is asked for', async () => {
    await written([1, 3, 5, 7], 1);
    await written([2, 4, 6, 8], 2);
    expect(texts(await all({ lines: 4 }))).toEqual(['line 5', 'line 6', 'line 7', 'line 8']);
    expect(texts(await all({ since: time(4) }))).toEqual(['line 4', 'line 5', 'line 6', 'line 7', 'line 8']);
    expect(texts(await all({ release: 2 }))).toEqual(['line 2', 'line 4', 'line 6', 'line 8']);
    expect(texts(await all({ contains: '5' }))).toEqual(['line 5']);
    expect(texts(await all({ stream: 'stderr' }))).toEqual([]);
    expect(await all({ release: 3 })).toEqual([]);
  });

  it('goes on behind a place without a gap', async () => {
    await written(Array.from({ length: 12 }, (_, i) => i));
    const lines = (await all()).filter(({ stream }) => stream !== 'ploinky');
    for (const [i, { place }] of lines.entries()) {
      expect(texts(await all({ after: [place] }))).toEqual(texts(lines.slice(i + 1)));
    }
  });

  it('follows what comes, also in later files and of later releases', async () => {
    await written([1]);
    const stop = new AbortController();
    let ring = () => {};
    const lines = readDeployment(
      { folder, lines: 1 },
      {
        signal: stop.signal,
        listen: (listener) => {
          ring = listener;
          return () => {};
        },
      },
    );
    const told: string[] = [];
    const next = async () => {
      for (;;) {
        const { value } = await lines.next();
        if (value === undefined || value === quiet) continue;
        if ('places' in value) told.push(...value.places);
        else if (value.stream !== 'ploinky') return value.text;
      }
    };
    expect(await next()).toBe('line 1');
    expect(told).toEqual([]);
    const second = next();
    await written(Array.from({ length: 9 }, (_, i) => i + 2));
    ring();
    const found = [await second];
    while (found.length < 9) found.push(await next());
    expect(found).toEqual(Array.from({ length: 9 }, (_, i) => `line ${i + 2}`));
    const of = next();
    await written([20], 2);
    ring();
    expect(await of).toBe('line 20');
    // Once, and of each log that there was, so that nothing is read again.
    expect(told).toEqual([expect.stringMatching(/^1\.1:1:\d+$/)]);
    stop.abort();
    expect((await lines.next()).done).toBe(true);
  });
});

describe('what is kept', () => {
  const keep = (changes: object) => ({
    folder: root,
    living: new Set<string>(),
    running: new Set<string>(),
    releases: 2,
    deploymentBytes: 1e9,
    removedBefore: 0,
    ...changes,
  });

  it('are the newest releases, what runs, and no more than allowed', async () => {
    for (const release of [1, 2, 3, 4])
      await written(
        Array.from({ length: 30 }, (_, i) => i),
        release,
      );
    const living = new Set(['localhost-demo']);
    const releases = async () => [...new Set((await all({})).map(({ release }) => release))];
    await keepBounded(keep({ living, running: new Set(['localhost-demo#1']) }));
    expect((await releases()).sort()).toEqual([1, 3, 4]);
    await keepBounded(keep({ living, running: new Set(['localhost-demo#1']), deploymentBytes: 1 }));
    // The file that grows stays; of what has ended none does.
    expect(await releases()).toEqual([1]);
    expect(await segmentsOf(replicaFolder(folder, 1, 1))).toHaveLength(1);
    await keepBounded(keep({ removedBefore: Date.now() + 1_000 }));
    expect(await all()).toEqual([]);
  });
});
