import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { NewEvent } from '../core/events/envelope.ts';
import { createLevelLog } from '../core/log/level-log.ts';
import { openBare } from './bare-level.ts';
import { type Contestant, inParallel, measure } from './rounds.ts';

/** Durable appends of 300-byte events, against bare LevelDB with the same grouping on the same disk. */
const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } });
const folder = mkdtempSync(join(tmpdir(), 'ploinky-bench-'));
const log = await createLevelLog({ folder, holder: 'bench' });
const bare = { array: await openBare('array'), chained: await openBare('chained') };

let made = 0;
function event(): NewEvent {
  made += 1;
  const id = `bench-${String(made).padStart(14, '0')}`;
  const data = { taskId: id, deployment: 'localhost/demo', params: ['x'.repeat(19)] };
  const origin = { actor: 'system:tasks', cause: null, trace: id };
  return { id, time: '2026-01-01T00:00:00.000Z', type: 'task.enqueued', v: 1, stream: `task:${id}`, data, ...origin };
}

const contestants: Contestant[] = [
  { name: 'ploinky', run: (callers, count) => inParallel(callers, count, () => log.append([event()])) },
  { name: 'bare batch', run: (callers, count) => inParallel(callers, count, bare.array.append) },
  { name: 'bare chained', run: (callers, count) => inParallel(callers, count, bare.chained.append) },
];

// The compiler of V8 takes some ten thousand events to make up its mind.
for (const { run } of contestants) await run(64, 20_000);

const rows = [];
for (const callers of [1, 64, 256]) {
  const count = callers === 1 ? 1_000 : callers * 250;
  const rates = await measure(contestants, callers, { rounds: values.quick ? 3 : 9, count });
  const ours = rates.ploinky ?? 0;
  const best = Math.max(rates['bare batch'] ?? 0, rates['bare chained'] ?? 0);
  rows.push({
    callers,
    ...Object.fromEntries(Object.entries(rates).map(([k, v]) => [k, Math.round(v)])),
    ratio: ours / best,
  });
}
await Promise.all([log.close(), bare.array.close(), bare.chained.close()]);
rmSync(folder, { recursive: true, force: true });

if (values.json) console.log(JSON.stringify({ bench: 'append', unit: 'durable events/s', rows }));
else {
  console.log('Durable appends of 300-byte events, events/s (medians); ratio = ploinky / the faster bare one');
  console.table(rows.map(({ ratio, ...row }) => ({ ...row, ratio: ratio.toFixed(2) })));
}
