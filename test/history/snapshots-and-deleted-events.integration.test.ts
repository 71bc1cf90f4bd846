import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSnapshots } from '../../adapters/snapshots/create-snapshots.ts';
import { dump, dumpText } from '../../history/dump.ts';
import { Past } from '../../history/past.ts';
import { KeptCloud } from '../adapters/retention/kept-cloud.ts';

let cloud: KeptCloud;
beforeEach(async () => {
  cloud = new KeptCloud();
  await cloud.open();
});
afterEach(() => cloud.end());

function past(ignored: string[] = [], withSnapshots = true): Past {
  const snapshots = createSnapshots(cloud.folder, (_file, reason) => ignored.push(reason));
  return new Past({
    log: cloud.log,
    blobs: cloud.blobs,
    now: () => cloud.now,
    ...(withSnapshots ? { snapshots } : {}),
  });
}

const textAt = async (of: Past, seq: number) => dumpText(dump((await of.stateAt(seq)).store.views));

it('a snapshot from among events that were deleted since is stepped over; the present stays the same', async () => {
  await cloud.write(40);
  const last = cloud.log.head().seq;
  const before = await textAt(past(), last);
  for (const seq of [10, 41, 42, last]) {
    await createSnapshots(cloud.folder).write((await past([], false).stateAt(seq)).store.capture());
  }
  cloud.settings = { 'retention.tasks': '7d', 'retention.segments': '14d' };
  expect((await cloud.run()).deleted).toHaveLength(1);
  await cloud.reopen();
  for (const seq of [last, cloud.log.head().seq]) {
    expect(await textAt(past(), seq)).toBe(await textAt(past([], false), seq));
  }
  expect(await textAt(past(), last)).toBe(before);
  const ignored: string[] = [];
  expect((await past(ignored).stateAt(10)).store.seq).toBe(10);
  expect(ignored).toEqual(['the log does not have the event it was made after']);
  // Every other moment can be asked about as well: with all that was, or with what is known to be missing.
  for (let seq = 1; seq <= last; seq += 1) {
    const { store } = await past().stateAt(seq);
    if (!store.missing) expect(store.seq).toBe(seq);
  }
});
