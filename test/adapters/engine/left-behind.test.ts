import { expect, test } from 'vitest';
import { leftHelpers } from '../../../adapters/engine/left-behind.ts';

const helper = { 'ploinky.cloud': 'ours', 'ploinky.helper': 'volumes' };

test('helpers of this cloud that nobody has in hands are left over; one at work, and anything else, is not', () => {
  const items = [
    { Id: 'left', Names: ['/a-volumes'], Labels: helper },
    { Id: 'at work', Names: ['/b-volumes'], Labels: helper },
    { Id: 'of another cloud', Names: ['/c-volumes'], Labels: { ...helper, 'ploinky.cloud': 'theirs' } },
    { Id: 'an agent', Names: ['/d'], Labels: { 'ploinky.cloud': 'ours' } },
    { Id: 'somebody', Names: ['/e'], Labels: {} },
  ];
  expect(leftHelpers(items, 'ours', new Set(['b-volumes']))).toEqual(['left']);
});
