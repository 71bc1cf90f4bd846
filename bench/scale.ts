// What 1,000,000 events cost: `node dist/bench/scale.js [--events 1000000] [--quick] [--json]`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Retention } from '../adapters/retention/retention.ts';
import { createSnapshots } from '../adapters/snapshots/create-snapshots.ts';
import { packageRoot } from '../cli/package-root.ts';
import type { PloinkyEvent } from '../core/events/catalogue.ts';
import { Store } from '../core/kernel/store.ts';
import { createFileBlobStore } from '../core/log/file-blobs.ts';
import { openLevelLog } from '../core/log/level-log.ts';
import { effectiveSettings } from '../core/settings/settings.ts';
import { Past } from '../history/past.ts';
import { projections } from '../projections/registry.ts';
import type { Views } from '../projections/views.ts';
import { buildLog } from './large-log.ts';
import { measureReplay, replay } from './replay-rounds.ts';
import { median } from './rounds.ts';
import { ServerUnderBench } from './server-under-bench.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, events: { type: 'string' } },
});
const many = Number(values.events ?? (values.quick ? 100_000 : 1_000_000));
const few = 1_000;
const rounds = values.quick ? 3 : 5;
const root = mkdtempSync(join(tmpdir(), 'ploinky-scale-'));

function say(text: string): void {
  if (!values.json) process.stderr.write(`${text}\n`);
}

async function built(name: string, count: number): Promise<{ dir: string; data: string; seconds: number }> {
  const dir = join(root, name);
  const begun = performance.now();
  const data = await buildLog(dir, count, () => {});
  return { dir, data, seconds: (performance.now() - begun) / 1000 };
}

/** Starts of a server, the first one without snapshots; all of its processes are ended. */
async function starts(dir: string) {
  const server = new ServerUnderBench(dir);
  const first = await server.start();
  const firstPeak = server.peakRss();
  await server.stop();
  const times: number[] = [];
  const peaks: number[] = [];
  for (let i = 0; i < rounds; i += 1) {
    times.push(await server.start());
    peaks.push(server.peakRss());
    await server.stop();
  }
  return { first, firstPeak, ms: median(times), peak: median(peaks) };
}

async function stateInTheMiddle(dir: string, data: string) {
  const log = await openLevelLog({ folder: data, holder: 'bench', readOnly: true });
  const past = new Past({ log, blobs: createFileBlobStore(data), now: Date.now, snapshots: createSnapshots(data) });
  const times: number[] = [];
  for (let i = 0; i < rounds * 3; i += 1) {
    const begun = performance.now();
    await past.stateAt(Math.floor(many / 2) + i * 997);
    times.push(performance.now() - begun);
  }
  await log.close();
  const program = join(packageRoot(), 'dist', 'cli', 'p-cli.js');
  const argv = [program, 'cloud', 'state', '--at', String(many / 2), '--dir', dir, '--json'];
  const processes: number[] = [];
  for (let i = 0; i < rounds; i += 1) {
    const begun = performance.now();
    const { status } = spawnSync(process.execPath, argv, { env: { PATH: process.env.PATH ?? '', HOME: root } });
    if (status !== 0) throw new Error(`p-cli ended with ${status}`);
    processes.push(performance.now() - begun);
  }
  return { ms: median(times), worst: Math.max(...times), process: median(processes) };
}

async function seal(data: string) {
  const log = await openLevelLog({ folder: data, holder: 'bench' });
  const store = new Store<Views>(projections);
  for await (const piece of log.readPieces()) store.replay(piece);
  const retention = new Retention({
    ...{ log, blobs: createFileBlobStore(data), views: store.views, newId: () => 'bench' },
    settings: () => effectiveSettings({ 'retention.tasks': '1d' }),
    now: () => Date.now() + 7 * 86_400_000,
    async record(draft, origin) {
      const time = new Date().toISOString();
      const stored = await log.append([{ ...draft, id: `seal${log.head().seq}`, time, v: 1, ...origin }]);
      store.apply(stored);
      return stored as readonly PloinkyEvent[];
    },
  });
  const before = sizeOf(join(data, 'log'));
  const begun = performance.now();
  const { sealed } = await retention.run({ skipPayloads: true });
  const seconds = (performance.now() - begun) / 1000;
  await log.close();
  const bytes = sealed.reduce((sum, one) => sum + (one.bytes ?? 0), 0);
  const rawBytes = sealed.reduce((sum, one) => sum + (one.rawBytes ?? 0), 0);
  const count = sealed.reduce((sum, one) => sum + one.count, 0);
  return { segments: sealed.length, count, seconds, bytes, rawBytes, before };
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

const thousands = (n: number) => Math.round(n).toLocaleString('en-US');
const ratio = (n: number) => Number(n.toFixed(2));
const MiB = 2 ** 20;

try {
  say(`Building logs of ${thousands(few)} and ${thousands(many)} events …`);
  const small = await built('small', few);
  const large = await built('large', many);
  say(`… ${thousands(many / large.seconds)} events/s. Replaying …`);
  const rates = await measureReplay(large.data, many, rounds);
  const ours = rates.ploinky ?? 0;
  say('Starting servers …');
  const fewStarts = await starts(small.dir);
  const manyStarts = await starts(large.dir);
  say('Asking for the state in the middle …');
  const middle = await stateInTheMiddle(large.dir, large.data);
  say('Sealing …');
  const sealed = await seal(large.data);
  const begun = performance.now();
  await replay(large.data, many);
  const sealedRate = (many / (performance.now() - begun)) * 1000;

  const figures = {
    'full replay': {
      'events/s': thousands(ours),
      ...Object.fromEntries(
        Object.entries(rates)
          .filter(([name]) => name !== 'ploinky')
          .map(([name, rate]) => [`of ${name}`, ratio(ours / rate)]),
      ),
    },
    'server start': {
      [`ms with ${thousands(few)}`]: Math.round(fewStarts.ms),
      [`ms with ${thousands(many)}`]: Math.round(manyStarts.ms),
      ratio: ratio(manyStarts.ms / fewStarts.ms),
      'without snapshots, ms': Math.round(manyStarts.first),
    },
    'peak memory of a start': {
      [`MiB with ${thousands(few)}`]: Math.round(fewStarts.peak),
      [`MiB with ${thousands(many)}`]: Math.round(manyStarts.peak),
      ratio: ratio(manyStarts.peak / fewStarts.peak),
      'without snapshots, MiB': Math.round(manyStarts.firstPeak),
    },
    'state --at the middle': {
      'ms, median': Math.round(middle.ms),
      'ms, slowest': Math.round(middle.worst),
      'p-cli --dir, whole process, ms': Math.round(middle.process),
    },
    sealing: {
      segments: sealed.segments,
      'events/s': thousands(sealed.count / sealed.seconds),
      'file to raw JSON': ratio(sealed.bytes / sealed.rawBytes),
      'file to database before': ratio(sealed.bytes / sealed.before),
      'MiB of files': Math.round(sealed.bytes / MiB),
      'replay through files to before': ratio(sealedRate / ours),
    },
  };
  if (values.json) console.log(JSON.stringify({ bench: 'scale', events: many, figures }));
  else {
    console.log(`A log of ${thousands(many)} events`);
    for (const [name, row] of Object.entries(figures)) {
      console.log(name);
      console.table([row]);
    }
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
