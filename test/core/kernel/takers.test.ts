import { expect, it } from 'vitest';
import type { AnyProjection } from '../../../core/kernel/projection.ts';
import { takersByType } from '../../../core/kernel/takers.ts';

const taking = (...types: AnyProjection['types']): AnyProjection => {
  return { name: 'of its own', version: 1, types, key: () => '', evolve: () => undefined };
};

it('names those that take a type, in their order, and no other', () => {
  const projections = {
    both: taking('domain.added', 'domain.removed'),
    none: taking(),
    added: taking('domain.added'),
  };
  const takers = takersByType(projections);
  expect([...takers.keys()].sort()).toEqual(['domain.added', 'domain.removed']);
  expect(takers.get('domain.added')).toEqual([
    { name: 'both', projection: projections.both },
    { name: 'added', projection: projections.added },
  ]);
  expect(takers.get('domain.removed')).toEqual([{ name: 'both', projection: projections.both }]);
});
