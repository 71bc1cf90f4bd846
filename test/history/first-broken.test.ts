import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstBroken } from '../../history/first-broken.ts';

it('finds the break with about log2 of the distance looks, wherever it is', async () => {
  const place = fc
    .tuple(fc.nat(1_000_000), fc.integer({ min: 1, max: 1_000_000 }), fc.nat())
    .map(([good, length, at]) => {
      return { good, bad: good + length, broken: good + 1 + (at % length) };
    });
  await fc.assert(
    fc.asyncProperty(place, async ({ good, bad, broken }) => {
      const asked: number[] = [];
      const found = await firstBroken(good, bad, async (seq) => {
        asked.push(seq);
        return seq < broken;
      });
      expect(found).toBe(broken);
      expect(asked.length).toBeLessThanOrEqual(Math.ceil(Math.log2(bad - good)));
      expect(asked.every((seq) => seq > good && seq < bad)).toBe(true);
    }),
  );
});
