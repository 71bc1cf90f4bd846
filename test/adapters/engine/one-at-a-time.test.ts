import { expect, test } from 'vitest';
import { OneAtATime } from '../../../adapters/engine/one-at-a-time.ts';

test('steps of one key follow each other, also after a failure; another key does not wait', async () => {
  const queue = new OneAtATime();
  const log: string[] = [];
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = queue.run('a', async () => {
    await gate;
    log.push('a1');
    throw new Error('first');
  });
  const second = queue.run('a', async () => log.push('a2'));
  await queue.run('b', async () => log.push('b1'));
  release();
  await expect(first).rejects.toThrow('first');
  await second;
  expect(log).toEqual(['b1', 'a1', 'a2']);
});
