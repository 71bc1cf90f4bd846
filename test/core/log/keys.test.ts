import fc from 'fast-check';
import { expect, it } from 'vitest';
import { groupKey, groupRange, pageKey, seqOfGroupKey } from '../../../core/log/keys.ts';
import { seal, unseal } from '../../../core/log/sealed.ts';

const seqs = fc.oneof(
  fc.maxSafeNat(),
  fc.constantFrom(0, 1, 9, 10, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER),
);

it('orders keys as their numbers, and gives the numbers back', () => {
  fc.assert(
    fc.property(seqs, seqs, (a, b) => {
      expect(Math.sign(Buffer.compare(Buffer.from(groupKey(a)), Buffer.from(groupKey(b))))).toBe(Math.sign(a - b));
      expect(seqOfGroupKey(groupKey(a))).toBe(a);
      expect(groupKey(a) >= groupRange.gte && groupKey(a) < groupRange.lt).toBe(true);
      expect(pageKey(a) < groupRange.gte || pageKey(a) >= groupRange.lt).toBe(true);
    }),
  );
});

it('opens what was sealed, and nothing else', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.nat(), (key, content, place) => {
      const value = seal(key, content);
      expect(unseal(key, value)).toBe(content);
      expect(unseal(`${key}x`, value)).toBeNull();
      const at = place % value.length;
      const flipped = String.fromCharCode(value.charCodeAt(at) ^ 1);
      expect(unseal(key, value.slice(0, at) + flipped + value.slice(at + 1))).toBeNull();
      expect(unseal(key, value.slice(0, -1))).toBeNull();
    }),
  );
});
