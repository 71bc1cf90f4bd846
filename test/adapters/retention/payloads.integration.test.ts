import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobReference, NewEvent } from '../../../core/events/envelope.ts';
import { createFileBlobStore } from '../../../core/log/file-blobs.ts';
import { day, eventOf, KeptCloud } from './kept-cloud.ts';

let cloud: KeptCloud;
beforeEach(async () => {
  cloud = new KeptCloud();
  await cloud.open();
  await cloud.log.append([eventOf(1, null, '')]);
});
afterEach(() => cloud.end());

const fileOf = ({ $blob }: BlobReference) => join(cloud.folder, 'blobs', $blob.slice(0, 2), $blob);
const old = (reference: BlobReference, days = 1) => {
  const then = new Date(cloud.now - days * day);
  utimesSync(fileOf(reference), then, then);
};
const names = () =>
  readdirSync(join(cloud.folder, 'blobs'), { recursive: true })
    .map(String)
    .filter((name) => name.length > 40);

async function call(n: number, id: string, payload: unknown): Promise<BlobReference> {
  const reference = await cloud.blobs.put(JSON.stringify(payload));
  const end = eventOf(n + 1, 'end', id);
  const ended: NewEvent = { ...end, data: { ...(end.data as object), data: reference } };
  await cloud.log.append([eventOf(n, 'begin', id), ended]);
  return reference;
}

describe('payloads', () => {
  it('that no event names are collected when they are old', async () => {
    const named = await call(2, 'a', 'named');
    const forgotten = await cloud.blobs.put('"forgotten"');
    const young = await cloud.blobs.put('"young"');
    for (const reference of [named, forgotten]) old(reference);
    utimesSync(fileOf(young), new Date(cloud.now), new Date(cloud.now));
    cloud.settings = { 'retention.tasks': 'forever' };
    expect((await cloud.run({ dryRun: true })).payloads).toEqual({ count: 1, bytes: forgotten.size });
    expect(names()).toHaveLength(3);
    expect((await cloud.run()).payloads).toEqual({ count: 1, bytes: forgotten.size });
    expect(await cloud.blobs.get(named)).toBe('"named"');
    expect(await cloud.blobs.get(young)).toBe('"young"');
    await expect(cloud.blobs.get(forgotten)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
  });

  it('of sealed events are kept with their segment, and go with it', async () => {
    const named = await call(2, 'a', 'named');
    old(named);
    cloud.settings = { 'retention.tasks': '7d' };
    const report = await cloud.run();
    expect([report.sealed.length, report.payloads?.count]).toEqual([1, 0]);
    expect(await cloud.blobs.get(named)).toBe('"named"');
    cloud.settings = { 'retention.tasks': '7d', 'retention.segments': '14d' };
    expect(await cloud.run()).toMatchObject({ deleted: [{ count: 2 }], payloads: { count: 1, bytes: named.size } });
    expect(names()).toEqual([]);
  });

  it('that open tasks were asked to work on are kept, even when their events are gone', async () => {
    const reference = await cloud.blobs.put('["a long list"]');
    const begun = eventOf(2, 'begin', 'a');
    await cloud.log.append([{ ...begun, data: { ...(begun.data as object), params: reference } }]);
    old(reference);
    cloud.settings = { 'retention.tasks': '7d', 'retention.segments': '14d' };
    expect(await cloud.run()).toMatchObject({ deleted: [{ count: 1 }], payloads: { count: 0 } });
    expect(await cloud.blobs.get(reference)).toBe('["a long list"]');
  });

  it('that are put again count as young, as does what is put while others are collected', async () => {
    const again = await cloud.blobs.put('"again"');
    const meanwhile = await cloud.blobs.put('"meanwhile"');
    const gone = await cloud.blobs.put('"gone"');
    for (const reference of [again, meanwhile, gone]) old(reference);
    await cloud.blobs.put('"again"');
    const collected = await cloud.blobs.collect({
      olderThan: cloud.now,
      async named() {
        // Its event is not durable yet, and the file was listed as old before.
        await cloud.blobs.put('"meanwhile"');
        return new Set();
      },
    });
    expect(collected.count).toBe(1);
    expect(await cloud.blobs.get(again)).toBe('"again"');
    expect(await cloud.blobs.get(meanwhile)).toBe('"meanwhile"');
    await expect(cloud.blobs.get(gone)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
  });

  it('that a crash cut off while they were written go as well', async () => {
    const reference = await cloud.blobs.put('"whole"');
    const torn = `${fileOf(reference)}.0123456789ab`;
    const { writeFileSync } = await import('node:fs');
    writeFileSync(torn, 'tor');
    utimesSync(torn, new Date(1), new Date(1));
    await createFileBlobStore(cloud.folder).collect({ olderThan: 1_000_000, named: async () => new Set() });
    expect(names()).toEqual([expect.stringContaining(reference.$blob)]);
  });
});
