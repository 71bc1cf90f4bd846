import { runSeeds } from '../../../simulator/pool.ts';
import type { Mutant } from '../../../simulator/redirect.ts';
import type { Outcome } from '../../../simulator/run-seed.ts';

/** The first of many seeds in which the broken product shows; null when it shows in none. */
export async function firstSeedOf(mutant: Mutant, seeds: number): Promise<Outcome | null> {
  const shown: Outcome[] = [];
  await runSeeds({
    seeds: Array.from({ length: seeds }, (_, i) => i + 1),
    mutant,
    onOutcome: (outcome) => {
      if (outcome.violation) shown.push(outcome);
      return shown.length === 0;
    },
  });
  return shown.sort((a, b) => a.seed - b.seed)[0] ?? null;
}
