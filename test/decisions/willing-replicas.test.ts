import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passedOverMs, willingReplicas } from '../../decisions/willing-replicas.ts';

describe('willing replicas', () => {
  it('are some of them, and none that refused a moment ago while another did not', () => {
    const refusals = fc.array(fc.tuple(fc.nat(7), fc.nat(10_000)), { maxLength: 8 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), refusals, (count, refused) => {
        const replicas = Array.from({ length: count }, (_, i) => i);
        const at = new Map(refused);
        const now = 10_000;
        const spared = (one: number) => now - (at.get(one) ?? Number.NEGATIVE_INFINITY) < passedOverMs;
        const willing = willingReplicas(replicas, at, now);
        expect(willing.length).toBeGreaterThan(0);
        if (replicas.every(spared)) expect(willing).toEqual(replicas);
        else expect(willing).toEqual(replicas.filter((one) => !spared(one)));
      }),
    );
  });
});
