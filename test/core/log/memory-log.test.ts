import { expect, it } from 'vitest';
import { createMemoryLog } from '../../../core/log/memory-log.ts';
import { logContract } from '../../contracts/log-contract.ts';
import { newEvent } from '../../new-event.ts';

logContract('in memory', { open: async () => createMemoryLog(), end: async () => {} });

it('tells of a listener that throws', async () => {
  const trouble: unknown[] = [];
  const log = createMemoryLog((error) => trouble.push(error));
  const error = new Error('a bad listener');
  log.subscribe({}, () => {
    throw error;
  });
  await log.append([newEvent()]);
  expect(trouble).toEqual([error]);
});
