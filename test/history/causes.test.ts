import { expect, it } from 'vitest';
import { createMemoryBlobStore } from '../../core/log/file-blobs.ts';
import { Past } from '../../history/past.ts';
import { causes } from '../../history/questions/causes.ts';
import { memoryLogOf, twoReleases } from './recorded.ts';

it('causes are found by their ids before an event; what is no event is left out', async () => {
  const story = twoReleases();
  const past = new Past({ log: await memoryLogOf(story), blobs: createMemoryBlobStore(), now: () => story.clock });
  const [begun, , later] = story.events;
  const ids = [begun?.id ?? '', later?.id ?? '', 'nothing'];
  const known = { seq: begun?.seq, type: 'cloud.initialized' };
  const all = await causes.answer(past, { ids, before: 1_000 });
  expect(all).toEqual({ causes: { [ids[0] ?? '']: known, [ids[1] ?? '']: { seq: 3, type: later?.type } } });
  expect(await causes.answer(past, { ids, before: 2 })).toEqual({ causes: { [ids[0] ?? '']: known } });
});
