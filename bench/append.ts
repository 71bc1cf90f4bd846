import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeBufferBytes } from '../core/log/database.ts';
import { openBare } from './bare-level.ts';
import { durableAppends } from './durable-appends.ts';
import { type Contestant, inParallel, measure } from './rounds.ts';

/** Durable appends of 300-byte events, against bare LevelDB with the same grouping on the same disk. */
const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } });
const folder = mkdtempSync(join(tmpdir(), 'ploinky-bench-'));
const log = await durableAppends(folder);
const bare = {
  array: await openBare('array'),
  chained: await openBare('chained'),
  buffered: await openBare('chained', { writeBufferSize: writeBufferBytes }),
};

const buffered = `bare chained, ${writeBufferBytes / 2 ** 20} MiB buffer`;
const contestants: Contestant[] = [
  { name: 'ploinky', run: (callers, count) => inParallel(callers, count, log.append) },
  { name: 'bare batch', run: (callers, count) => inParallel(callers, count, bare.array.append) },
  { name: 'bare chained', run: (callers, count) => inParallel(callers, count, bare.chained.append) },
  { name: buffered, run: (callers, count) => inParallel(callers, count, bare.buffered.append) },
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
    ratioSameBuffer: ours / (rates[buffered] ?? 0),
  });
}
await Promise.all([log, bare.array, bare.chained, bare.buffered].map((each) => each.close()));
rmSync(folder, { recursive: true, force: true });

if (values.json) console.log(JSON.stringify({ bench: 'append', unit: 'durable events/s', rows }));
else {
  console.log('Durable appends of 300-byte events, events/s (medians).');
  console.log(
    'ratio = ploinky / the faster bare one with the options that LevelDB has by itself; then with our buffer.',
  );
  const short = (ratio: number) => ratio.toFixed(2);
  console.table(rows.map((row) => ({ ...row, ratio: short(row.ratio), ratioSameBuffer: short(row.ratioSameBuffer) })));
}
