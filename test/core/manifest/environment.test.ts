import { expect, it } from 'vitest';
import { secretNames, secretVariables } from '../../../core/manifest/environment.ts';

it('finds the secrets among the values, each once', () => {
  const environment = { PLAIN: 'x', B: { secret: 'two' }, A: { secret: 'one' }, AGAIN: { secret: 'two' } };
  expect(secretVariables(environment)).toEqual([
    ['B', 'two'],
    ['A', 'one'],
    ['AGAIN', 'two'],
  ]);
  expect(secretNames(environment)).toEqual(['one', 'two']);
});
