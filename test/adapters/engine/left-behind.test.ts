import { expect, test } from 'vitest';
import { leftHelpers } from '../../../adapters/engine/left-behind.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const helper = { 'ploinky.cloud': 'ours', 'ploinky.helper': 'volumes' };
const made = (minutes: number) => now / 1_000 - 60 * minutes;

test('old helpers of this cloud are left over; one that may be at work, and anything else, is not', () => {
  const items = [
    { Id: 'old', Labels: helper, Created: made(11) },
    { Id: 'at work', Labels: helper, Created: made(1) },
    { Id: 'of another cloud', Labels: { ...helper, 'ploinky.cloud': 'theirs' }, Created: made(600) },
    { Id: 'an agent', Labels: { 'ploinky.cloud': 'ours' }, Created: made(600) },
    { Id: 'somebody', Labels: {}, Created: made(600) },
  ];
  expect(leftHelpers(items, 'ours', now)).toEqual(['old']);
});
