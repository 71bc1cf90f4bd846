import { describe, expect, test } from 'vitest';
import { firstSeedOf } from './find-mutant.ts';
import { brokenProducts } from './mutants.ts';

/** Far more than any of them takes. */
const seeds = 200;

describe('the simulator finds it when', () => {
  test.each(brokenProducts.filter(({ long }) => !long))('$name', { timeout: 300_000 }, async (broken) => {
    const found = await firstSeedOf(broken, seeds);
    expect(broken.shownBy, `in seed ${found?.seed}: ${found?.violation?.message}`).toContain(
      found?.violation?.invariant ?? null,
    );
  });
});
