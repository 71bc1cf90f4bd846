// What sealing costs and saves: `node dist/bench/retention.js [--events 1000000] [--quick] [--json]`.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Retention } from '../adapters/retention/retention.ts';
import type { PloinkyEvent } from '../core/events/catalogue.ts';
import { Store } from '../core/kernel/store.ts';
import { createFileBlobStore } from '../core/log/file-blobs.ts';
import { type LevelLog, openLevelLog } from '../core/log/level-log.ts';
import { verifyLog } from '../core/log/verify-log.ts';
import { effectiveSettings } from '../core/settings/settings.ts';
import { projections } from '../projections/registry.ts';
import type { Views } from '../projections/views.ts';
import { buildLog } from './large-log.ts';
import { median } from './rounds.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, events: { type: 'string' } },
});
const many = Number(values.events ?? (values.quick ? 100_000 : 1_000_000));
const root = mkdtempSync(join(tmpdir(), 'ploinky-bench-'));

async function timed<T>(work: () => Promise<T>): Promise<{ answer: T; seconds: number }> {
  const begun = performance.now();
  const answer = await work();
  return { answer, seconds: (performance.now() - begun) / 1000 };
}

/** Opened, read and folded from the first event to the last. */
async function replay(data: string): Promise<Store<Views>> {
  const log = await openLevelLog({ folder: data, holder: 'bench', readOnly: true });
  const store = new Store<Views>(projections);
  for await (const piece of log.readPieces()) store.replay(piece);
  await log.close();
  for (const problem of store.stopped.values()) throw problem;
  return store;
}

async function sealAll(log: LevelLog, data: string, views: Views, store: Store<Views>) {
  const retention = new Retention({
    ...{ log, blobs: createFileBlobStore(data), views, newId: () => 'bench' },
    settings: () => effectiveSettings({ 'retention.tasks': '1d' }),
    now: () => Date.now() + 7 * 86_400_000,
    async record(draft, origin) {
      const time = new Date().toISOString();
      const stored = await log.append([{ ...draft, id: `seal${log.head().seq}`, time, v: 1, ...origin }]);
      store.apply(stored);
      return stored as readonly PloinkyEvent[];
    },
  });
  return (await retention.run({ skipPayloads: true })).sealed;
}

/** Milliseconds for one task event somewhere, each in another segment than the one before. */
async function lookUp(data: string): Promise<number> {
  const log = await openLevelLog({ folder: data, holder: 'bench', readOnly: true });
  const times: number[] = [];
  for (let i = 1; i <= 15; i += 1) {
    const seq = Math.floor((many * ((i * 7) % 16)) / 16) + 7;
    times.push((await timed(() => log.hashAt(seq))).seconds * 1000);
  }
  await log.close();
  return median(times);
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

const thousands = (n: number) => Math.round(n).toLocaleString('en-US');
const short = (n: number) => Number(n.toFixed(2));

try {
  const data = await buildLog(root, many);
  const before = sizeOf(join(data, 'log'));
  const plain = await timed(() => replay(data));
  const plainCheck = await timed(() => verifyLog(data));
  const log = await openLevelLog({ folder: data, holder: 'bench' });
  const sealing = await timed(() => sealAll(log, data, plain.answer.views, plain.answer));
  await log.close();
  const sealed = await timed(() => replay(data));
  const sealedCheck = await timed(() => verifyLog(data));
  const found = await lookUp(data);
  const segments = sealing.answer;
  const sum = (of: (one: (typeof segments)[number]) => number) => segments.reduce((all, one) => all + of(one), 0);
  const bytes = sum(({ bytes: size = 0 }) => size);
  const row = {
    events: many,
    'task events sealed': sum(({ count }) => count),
    segments: segments.length,
    'sealed, events/s': Math.round(sum(({ count }) => count) / sealing.seconds),
    'one segment, ms': Math.round((sealing.seconds * 1000) / Math.max(1, segments.length)),
    'files to raw JSON': short(bytes / sum(({ rawBytes = 0 }) => rawBytes)),
    'files to the database before': short(bytes / before),
    'replay through files to before': short(plain.seconds / sealed.seconds),
    'verify through files to before': short(plainCheck.seconds / sealedCheck.seconds),
    'one event of another segment, ms': short(found),
  };
  if (values.json) console.log(JSON.stringify({ bench: 'retention', ...row }));
  else {
    console.log(`A log of ${thousands(many)} events, and its task events in segment files`);
    console.table(Object.entries(row).map(([figure, value]) => ({ figure, value })));
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
