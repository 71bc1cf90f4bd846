// A long history: start, replay, and a moment in the middle: `node dist/bench/history.js [--quick] [--json]`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ClassicLevel } from 'classic-level';
import type { NewEvent } from '../core/events/envelope.ts';
import { createMemoryBlobStore } from '../core/log/file-blobs.ts';
import { openLevelLog } from '../core/log/level-log.ts';
import { Past } from '../history/past.ts';
import { median } from './rounds.ts';
import { ServerUnderBench } from './server-under-bench.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } });
const few = 1_000;
const many = values.quick ? 100_000 : 1_000_000;
const rounds = values.quick ? 3 : 5;

/** Calls of one deployment over some months, and a setting now and then: what a log mostly holds. */
function* lived(count: number, from: number): Generator<NewEvent> {
  const commands = ['hello', 'price', 'search', 'order'];
  for (let i = from; i < from + count; i += 1) {
    const time = new Date(Date.parse('2026-01-01T00:00:00Z') + i * 10_000).toISOString();
    const origin = { id: `bench-${i}`, time, actor: 'anonymous', cause: null, trace: `trace-${i}` };
    if (i % 1_000 === 0) {
      const data = { name: 'lastLogsLines', value: 1 + (i % 4_000), previous: 1 };
      yield { ...origin, type: 'setting.changed', v: 1, stream: 'setting:lastLogsLines', data };
      continue;
    }
    const taskId = `task-${i - (i % 2)}`;
    const command = commands[(i >> 1) % 4] as string;
    const call = { taskId, deployment: 'localhost/demo', command };
    const stream = `task:${taskId}`;
    const begins = i % 2 === 0 || (i - 1) % 1_000 === 0;
    const params = [{ text: 'some words that somebody sent', n: i }];
    const asked = { ...call, release: 1, container: 'c', bootId: null, params, runForUserId: 'ann', timeoutMs: 30_000 };
    const answered = { ...call, durationMs: 12.3, data: { text: 'some words that came back', n: i } };
    if (begins) yield { ...origin, type: 'task.enqueued', v: 1, stream, data: asked };
    else yield { ...origin, type: 'task.completed', v: 1, stream, data: answered };
  }
}

/** Appends until the log has `count` events. Answers them as JSON lines are read back. */
async function fill(data: string, count: number): Promise<void> {
  const log = await openLevelLog({ folder: data, holder: 'a bench' });
  let group: NewEvent[] = [];
  for (const event of lived(count - log.head().seq, 1_000)) {
    group.push(event);
    if (group.length < 500) continue;
    await log.append(group);
    group = [];
  }
  await log.append(group);
  await log.close();
}

interface Starts {
  readonly first: number;
  readonly again: number;
  readonly rss: number;
  /** The most that was resident, in MiB: of the first start, and of those with snapshots. */
  readonly firstPeak: number;
  readonly peak: number;
  readonly stateAt: number;
  readonly slowest: number;
}

/** The first start folds everything; those after a kill have snapshots. */
async function starts(count: number, work: (data: string) => Promise<void> = async () => {}): Promise<Starts> {
  return ServerUnderBench.during(async (server) => {
    await server.stop();
    const data = join(server.dir, '.ploinky-cloud');
    await fill(data, count);
    const first = await server.start();
    const rss = server.rss();
    const firstPeak = server.peakRss();
    const again: number[] = [];
    const peaks: number[] = [];
    for (let i = 0; i < rounds; i += 1) {
      await server.stop();
      again.push(await server.start());
      peaks.push(server.peakRss());
    }
    const asked: number[] = [];
    for (let i = 1; i <= 20; i += 1) {
      const seq = Math.floor((count * i) / 21);
      const begun = performance.now();
      await server.ask('GET', `past/state?at=${seq}`);
      asked.push(performance.now() - begun);
    }
    await server.stop();
    await work(data);
    await server.start();
    return {
      first,
      again: median(again),
      rss,
      firstPeak,
      peak: median(peaks),
      stateAt: median(asked),
      slowest: Math.max(...asked),
    };
  });
}

/** Events a second: folding the log, and reading as many out of a bare database with JSON.parse and nothing else. */
async function replay(data: string): Promise<{ fold: number; bare: number }> {
  const log = await openLevelLog({ folder: data, holder: 'a bench', readOnly: true });
  const folder = mkdtempSync(join(tmpdir(), 'ploinky-bench-'));
  const db = new ClassicLevel<string, string>(folder);
  try {
    const { seq: count } = log.head();
    await db.open();
    for await (const piece of log.readPieces()) {
      const puts = piece.map((event) => ({
        type: 'put' as const,
        key: String(event.seq).padStart(16, '0'),
        value: JSON.stringify(event),
      }));
      await db.batch(puts);
    }
    const fold: number[] = [];
    const bare: number[] = [];
    for (let i = 0; i < rounds; i += 1) {
      const past = new Past({ log, blobs: createMemoryBlobStore(), now: Date.now });
      let begun = performance.now();
      await past.stateAt(count);
      fold.push((count / (performance.now() - begun)) * 1_000);
      begun = performance.now();
      await readBare(db);
      bare.push((count / (performance.now() - begun)) * 1_000);
    }
    return { fold: median(fold), bare: median(bare) };
  } finally {
    await db.close();
    await log.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function readBare(db: ClassicLevel<string, string>): Promise<void> {
  const iterator = db.iterator({ highWaterMarkBytes: 1024 * 1024 });
  for (;;) {
    const entries = await iterator.nextv(1_000);
    if (entries.length === 0) break;
    for (const [, value] of entries) JSON.parse(value);
  }
  await iterator.close();
}

let rates = { fold: 0, bare: 0 };
const small = await starts(few);
const large = await starts(many, async (data) => {
  rates = await replay(data);
});

const row = {
  events: many,
  [`start with ${few} events, ms`]: Math.round(small.again),
  'start with all of them, ms': Math.round(large.again),
  'start ratio': Number((large.again / small.again).toFixed(2)),
  'first start, without snapshots, ms': Math.round(large.first),
  'RSS after that, MiB': Math.round(large.rss),
  'peak memory of that, MiB': Math.round(large.firstPeak),
  'peak memory of a start, MiB': Math.round(large.peak),
  'peak memory ratio': Number((large.peak / small.peak).toFixed(2)),
  'replay, events/s': Math.round(rates.fold),
  'bare classic-level + JSON.parse, events/s': Math.round(rates.bare),
  'replay ratio': Number((rates.fold / rates.bare).toFixed(2)),
  'state --at, median ms': Math.round(large.stateAt),
  'state --at, slowest ms': Math.round(large.slowest),
};
if (values.json) console.log(JSON.stringify({ bench: 'history', ...row }));
else {
  console.log('A long history: what a start, a replay and a question about the past cost');
  console.table(Object.entries(row).map(([figure, value]) => ({ figure, value })));
}
