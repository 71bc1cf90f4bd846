import { expect, it } from 'vitest';
import { similarNames } from '../../../core/names/similar-names.ts';

it('a slip of the hand is told by what was meant, the nearest first', () => {
  const names = ['greeter', 'greeters', 'demo', 'web', 'greeter'];
  expect(similarNames('greter', names, 3)).toEqual(['greeter']);
  expect(similarNames('greetersx', names, 3)).toEqual(['greeters', 'greeter']);
  expect(similarNames('greetersx', names, 1)).toEqual(['greeters']);
  expect(similarNames('GREETER', names, 3)).toEqual(['greeter', 'greeters']);
});

it('another word is not', () => {
  expect(similarNames('shop', ['demo', 'web', 'chat'], 3)).toEqual([]);
  expect(similarNames('ab', ['cd', 'a'], 3)).toEqual(['a']);
});
