import { runSeeds } from './pool.ts';
import type { Outcome } from './run-seed.ts';

export interface Words {
  /** How many. */
  readonly seeds?: string;
  /** Only this one. */
  readonly seed?: string;
  /** The first of many. */
  readonly from?: string;
  readonly jobs?: string;
  readonly trace?: boolean;
  readonly json?: boolean;
}

/** Runs seeds and prints what came of them. Resolves with an exit code: 1 = something was violated, 2 = it makes no sense. */
export async function simulate({ seeds, seed, from, jobs, trace = false, json = false }: Words): Promise<number> {
  const numbers = [seeds ?? '1', seed ?? '1', from ?? '1', jobs ?? '1'].map(Number);
  if (!numbers.every((one) => Number.isSafeInteger(one) && one >= 0)) {
    process.stderr.write('simulate: --seeds, --seed, --from and --jobs take whole numbers.\n');
    return 2;
  }
  const first = Number(seed ?? from ?? 1);
  const count = seed === undefined ? Number(seeds ?? 100) : 1;
  const all = Array.from({ length: count }, (_, i) => first + i);
  const begun = performance.now();
  const outcomes: Outcome[] = [];
  await runSeeds({
    seeds: all,
    trace,
    ...(count === 1 ? { processes: 1 } : jobs === undefined ? {} : { processes: Number(jobs) }),
    onOutcome: (outcome) => {
      outcomes.push(outcome);
      if (json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
      else if (outcome.violation) process.stdout.write(told(outcome));
      return true;
    },
  });
  const failed = outcomes.filter(({ violation }) => violation);
  if (!json) process.stdout.write(`${summary(outcomes, (performance.now() - begun) / 1_000)}\n`);
  return failed.length > 0 ? 1 : 0;
}

function told({ seed, violation, last }: Outcome): string {
  return [
    `✗ seed ${seed}: ${violation?.invariant}`,
    `  ${violation?.message}`,
    ...last.slice(-25).map((line) => `    ${line}`),
    `  Again: npm run simulate -- --seed ${seed} --trace`,
    '',
  ].join('\n');
}

function summary(outcomes: readonly Outcome[], seconds: number): string {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const failed = outcomes.filter(({ violation }) => violation).length;
  const hours = sum(({ worldMs }) => worldMs) / 3_600_000;
  const longest = Math.max(0, ...outcomes.map(({ restMs }) => restMs));
  const figures = [
    `${sum(({ events }) => events)} events`,
    `${sum(({ crashes }) => crashes)} crashes of the server`,
    `${sum(({ steps }) => steps)} steps`,
    `${hours.toFixed(1)} h of the world's clock`,
    `at rest after ${(longest / 1_000).toFixed(0)} s at most`,
    `${(outcomes.length / seconds).toFixed(1)} seeds/s`,
  ];
  const one = outcomes.length === 1 ? ` · trace ${outcomes[0]?.hash}` : '';
  return `${outcomes.length - failed} of ${outcomes.length} seeds held · ${figures.join(' · ')}${one}`;
}
