import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { Mutant } from './redirect.ts';
import type { Outcome } from './run-seed.ts';

export interface SeedsOptions {
  readonly seeds: Iterable<number>;
  /** Default: as many as this machine has cores. */
  readonly processes?: number;
  readonly mutant?: Mutant;
  /** Every step is printed. */
  readonly trace?: boolean;
  /** Told of each seed as it ends; false = no further ones are begun. */
  readonly onOutcome: (outcome: Outcome) => boolean;
}

/** Compiled, since the hooks for modules change what is compiled; also for tests, which run from the sources. */
const child = new URL(import.meta.url.endsWith('.ts') ? '../dist/simulator/child.js' : './child.js', import.meta.url);

/** Lives through seeds in processes of their own. Rejects when one of them ends before its time. */
export async function runSeeds({
  seeds,
  processes = availableParallelism(),
  mutant,
  trace = false,
  onOutcome,
}: SeedsOptions): Promise<void> {
  const waiting = seeds[Symbol.iterator]();
  let stopped = false;
  const next = () => {
    const { value, done } = waiting.next();
    return stopped || done ? null : (value as number);
  };
  const environment = { ...globalThis.process.env, PLOINKY_MUTANT: mutant ? JSON.stringify(mutant) : '' };
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const process = fork(child, [], { env: environment, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      let seed: number | null = null;
      const give = () => {
        seed = next();
        if (seed === null) process.disconnect();
        else process.send({ seed, trace });
      };
      process.on('message', (message: Outcome | 'ready') => {
        if (message !== 'ready' && !onOutcome(message)) stopped = true;
        give();
      });
      process.on('error', reject);
      process.on('exit', (code) => {
        if (seed === null && code === 0) resolve();
        else reject(new Error(`the process of seed ${seed} ended with code ${code}`));
      });
    });
  const all = await Promise.allSettled(Array.from({ length: processes }, one));
  for (const ended of all) if (ended.status === 'rejected') throw ended.reason;
}
