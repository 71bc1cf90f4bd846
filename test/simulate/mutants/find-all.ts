import assert from 'node:assert/strict';
import { firstSeedOf } from './find-mutant.ts';
import { brokenProducts } from './mutants.ts';

/** Each broken product shows in one of the seeds, by an invariant that fits; answers in which. */
export async function findAll(seeds: number): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const broken of brokenProducts) {
    const outcome = await firstSeedOf(broken, seeds);
    const invariant = outcome?.violation?.invariant ?? 'none';
    assert.ok(broken.shownBy.includes(invariant), `${broken.name}: shown by ${invariant}`);
    found[broken.name] = outcome?.seed ?? 0;
  }
  return found;
}
