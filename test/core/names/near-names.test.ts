import { describe, expect, it } from 'vitest';
import { distance, nearNames, similarNames } from '../../../core/names/near-names.ts';

describe('names near to one', () => {
  it('are those with the fewest different characters, the later of equals first', () => {
    expect(nearNames('v1.3', ['v2.0.0', 'v1.3.1', 'v1.3.0', 'nightly'], 2)).toEqual(['v1.3.1', 'v1.3.0']);
    expect(nearNames('V1', ['v1'], 5)).toEqual(['v1']);
  });

  it.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', 'abd', 1],
    ['abc', 'ab', 1],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
  ])('%j and %j are %i apart', (a, b, far) => {
    expect(distance(a, b)).toBe(far);
    expect(distance(b, a)).toBe(far);
  });
});

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
