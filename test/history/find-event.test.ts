import { expect, it } from 'vitest';
import { findEvent } from '../../history/find-event.ts';
import { memoryLogOf, twoReleases } from './recorded.ts';

const log = await memoryLogOf(twoReleases());

it('finds an event by its number and by its id', async () => {
  for await (const event of log.read()) {
    expect(await findEvent(log, String(event.seq))).toEqual(event);
    expect(await findEvent(log, event.id)).toEqual(event);
  }
});

it.each(['0', '999', 'nobodysEvent'])('says that there is no %s, and which is the last one', async (ref) => {
  const { seq } = log.head();
  await expect(findEvent(log, ref)).rejects.toMatchObject({
    code: 'EVENT_NOT_FOUND',
    message: expect.stringMatching(new RegExp(`${ref}; the last one is ${seq}\\.$`)),
  });
});
