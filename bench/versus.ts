// Calls through this project beside other ways to get a task done, all of them started here. Ratios within one run count:
//   npm run bench -- versus [--quick] [--json] [--only=ploinky,nginx-proxy] [--callers=1,50,256] [--rounds=5] [--seconds=2]
//   npm run bench -- versus --write    measures everything, then writes bench/figures.json and docs/performance.md
//     with --comparison or --trials only that part of it, and the other one stays as it was written before
//   npm run bench -- versus --page     writes the page again from bench/figures.json; --check only compares
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../cli/package-root.ts';
import { compare, Interruption } from './versus/compare.ts';
import { contestants } from './versus/contestants/contestants.ts';
import { describeMachine } from './versus/machine.ts';
import { pagesOf } from './versus/page.ts';
import { type Profile, profileServer } from './versus/profile.ts';
import type { Report } from './versus/report.ts';
import { callRows, targetRows } from './versus/tables.ts';
import { underCalls } from './versus/under-calls.ts';

const root = packageRoot();
const figuresFile = join(root, 'bench', 'figures.json');
const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    quick: { type: 'boolean' },
    only: { type: 'string' },
    callers: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    write: { type: 'boolean' },
    trials: { type: 'boolean' },
    comparison: { type: 'boolean' },
    page: { type: 'boolean' },
    check: { type: 'boolean' },
  },
});

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** @returns names of the files that are not as the report has them */
function stale(report: Report): string[] {
  const pages = pagesOf(report, readFileSync(join(root, 'docs/performance.md'), 'utf8'));
  const different = Object.entries(pages).filter(([path, text]) => {
    try {
      return readFileSync(join(root, path), 'utf8') !== text;
    } catch {
      return true;
    }
  });
  if (!values.check) for (const [path, text] of different) writeFileSync(join(root, path), text);
  return different.map(([path]) => path);
}

/** A trial that fails is told, and does not take the figures with it that were measured before. */
async function tried<T>(what: string, trial: () => T | Promise<T>): Promise<T | null> {
  say(what);
  try {
    return await trial();
  } catch (error) {
    say(`${what}: ${(error as Error).message}`);
    process.exitCode = 1;
    return null;
  }
}

async function compared(): Promise<Omit<Report, keyof Trials>> {
  const names = values.only?.split(',') ?? contestants.map(({ name }) => name);
  const unknown = names.filter((name) => !contestants.some((each) => each.name === name));
  if (unknown.length > 0) {
    say(`bench: there is no ${unknown.join(', ')}; there are ${contestants.map(({ name }) => name).join(', ')}.`);
    process.exit(1);
  }
  const rounds = Number(values.rounds ?? (values.quick ? 3 : 5));
  const seconds = Number(values.seconds ?? (values.quick ? 1 : 2));
  const machine = describeMachine();
  const comparison = await compare(
    contestants.filter(({ name }) => names.includes(name)),
    { callers: (values.callers ?? '1,50,256').split(',').map(Number), rounds, seconds, onProgress: say },
  );
  return { date: new Date().toISOString().slice(0, 10), machine, rounds, seconds, ...comparison };
}

/** What is measured apart from the comparison. */
type Trials = Pick<Report, 'profiles' | 'memory' | 'kill'>;

async function trials(): Promise<Trials> {
  const profiles: Profile[] = [];
  for (const of of ['durable calls', 'pass-through'] as const) {
    const profile = await tried(`where the time goes under ${of}`, () => profileServer(of, 50, values.quick ? 3 : 8));
    if (profile) profiles.push(profile);
  }
  if (values.quick) return { profiles, memory: null, kill: null };
  const memory = await tried('memory under 100,000 calls', () => underCalls('memory', 100_000));
  const kill = await tried('kill -9 under 100,000 calls', () => underCalls('killed', 100_000));
  return { profiles, memory, kill };
}

function stored(): Report {
  return JSON.parse(readFileSync(figuresFile, 'utf8')) as Report;
}

async function measured(): Promise<Report> {
  const kept = values.trials ? stored() : await compared();
  if (!values.write || values.comparison) {
    const { profiles, memory, kill } = values.write ? stored() : { profiles: [], memory: null, kill: null };
    return { ...kept, profiles, memory, kill };
  }
  return { ...kept, ...(await trials()) };
}

if (values.page || values.check) {
  const different = stale(stored());
  for (const path of different) say(values.check ? `${path} is not as bench/figures.json has it` : `wrote ${path}`);
  if (values.check && different.length > 0) {
    say('Write it: npm run bench -- versus --page');
    process.exitCode = 1;
  }
} else {
  const report = await measured().catch((error: unknown) => {
    if (!(error instanceof Interruption)) throw error;
    say(`bench: ${error.message}`);
    process.exit(130);
  });
  if (values.write) {
    writeFileSync(figuresFile, `${JSON.stringify(report, null, 2)}\n`);
    for (const path of ['bench/figures.json', ...stale(report)]) say(`wrote ${path}`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else {
    for (const callers of new Set(report.figures.map((each) => each.callers))) {
      console.log(`\n${callers} callers; medians of ${report.rounds} interleaved rounds`);
      console.table(callRows(report, callers));
    }
    console.table(targetRows(report));
    for (const { contestant, why } of report.leftOut) console.log(`left out: ${contestant}: ${why}`);
  }
}
