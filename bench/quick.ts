// `npm run bench:quick`: a few ratios, in less than a minute, against those of bench/baseline.json. Needs nothing but Node.
//   npm run bench:quick -- --update    writes the ratios of this run as the new baseline
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../cli/package-root.ts';
import { openBare } from './bare-level.ts';
import { durableAppends } from './durable-appends.ts';
import { inParallel, measure } from './rounds.ts';
import { type Baseline, compareWithBaseline, guards } from './versus/baseline.ts';
import { compare } from './versus/compare.ts';
import { bareAgent } from './versus/contestants/bare-agent.ts';
import { fastifyProxy } from './versus/contestants/fastify.ts';
import { ploinky } from './versus/contestants/ploinky.ts';
import { bareWeb, passThrough } from './versus/contestants/web-services.ts';
import { figuresOf } from './versus/report.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean' }, update: { type: 'boolean' } } });
const file = join(packageRoot(), 'bench', 'baseline.json');
const callers = 50;

const found = { ...(await ratiosOfAppends()), ...(await ratiosOfCalls()) };
if (values.update) {
  const ratios = Object.fromEntries(Object.entries(found).map(([name, value]) => [name, Number(value.toPrecision(3))]));
  writeFileSync(file, `${JSON.stringify({ ratios }, null, 2)}\n`);
  console.log(`wrote bench/baseline.json: ${JSON.stringify(ratios)}`);
} else {
  const baseline = JSON.parse(readFileSync(file, 'utf8')) as Baseline;
  const compared = compareWithBaseline(found, baseline);
  if (values.json) console.log(JSON.stringify(compared, null, 2));
  else {
    console.table(
      compared.map(({ name, measured, baseline, limit, verdict }) => ({
        ratio: guards[name]?.what ?? name,
        measured: Number(measured.toPrecision(3)),
        baseline,
        'may come to': Number(limit.toPrecision(3)),
        verdict,
      })),
    );
  }
  const worse = compared.filter(({ verdict }) => verdict === 'worse' || verdict === 'missing');
  for (const { name, measured, limit } of worse) {
    const { what, better } = guards[name] ?? { what: name, better: 'higher' };
    const side = better === 'higher' ? 'under' : 'over';
    if (Number.isNaN(measured)) console.error(`bench:quick: ${what} could not be measured.`);
    else console.error(`bench:quick: ${what} came to ${measured.toPrecision(3)}, ${side} ${limit.toPrecision(3)}.`);
  }
  if (worse.length > 0) {
    console.error('Run it again on a quiet machine. Where the change is meant: npm run bench:quick -- --update');
    process.exitCode = 1;
  }
}

async function ratiosOfAppends(): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'ploinky-bench-'));
  const [log, bare] = [await durableAppends(folder), await openBare('chained')];
  try {
    const contestants = [
      { name: 'log', run: (callers: number, count: number) => inParallel(callers, count, log.append) },
      { name: 'bare', run: (callers: number, count: number) => inParallel(callers, count, bare.append) },
    ];
    for (const { run } of contestants) await run(64, 20_000);
    const rates = await measure(contestants, 64, { rounds: 5, count: 16_000 });
    return { append: (rates.log ?? 0) / (rates.bare ?? 0) };
  } finally {
    await Promise.all([log.close(), bare.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ratiosOfCalls(): Promise<Record<string, number>> {
  const contestants = [ploinky, fastifyProxy, bareAgent, passThrough, bareWeb];
  const comparison = await compare(contestants, { callers: [callers], rounds: 5, seconds: 1, loader: 'node' });
  for (const { contestant, why } of comparison.leftOut) console.error(`left out: ${contestant}: ${why}`);
  const rate = (name: string) => figuresOf(comparison, name, callers)?.callsPerSecond ?? Number.NaN;
  const own = figuresOf(comparison, 'ploinky', callers);
  const ratios = {
    'call-fastify': rate('ploinky') / rate('fastify-proxy'),
    'call-agent': rate('ploinky') / rate('bare-agent'),
    'pass-through': rate('pass-through') / rate('bare-web'),
    spread: (own?.p99 ?? Number.NaN) / (own?.p50 ?? Number.NaN),
  };
  return Object.fromEntries(Object.entries(ratios).filter(([, ratio]) => !Number.isNaN(ratio)));
}
