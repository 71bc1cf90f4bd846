import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFileBlobStore } from '../../../core/log/file-blobs.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ploinky-blobs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = (sha256: string) => join(folder, 'blobs', sha256.slice(0, 2), sha256);

it('gives back what was stored, also to a store opened later', async () => {
  const reference = await createFileBlobStore(folder).put('{"ä":1}');
  expect(reference.size).toBe(8);
  expect(await createFileBlobStore(folder).get(reference)).toBe('{"ä":1}');
});

it('stores the same text once, also when asked at the same time, and leaves no other file', async () => {
  const blobs = createFileBlobStore(folder);
  const references = await Promise.all(Array.from({ length: 10 }, () => blobs.put('"same"')));
  expect(new Set(references.map(({ $blob }) => $blob)).size).toBe(1);
  const files = readdirSync(join(folder, 'blobs'), { recursive: true, withFileTypes: true });
  expect(files.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual([references[0]?.$blob]);
});

it('refuses content that was changed, and one that is gone', async () => {
  const blobs = createFileBlobStore(folder);
  const reference = await blobs.put('"true"');
  writeFileSync(fileOf(reference.$blob), '"fals"');
  await expect(blobs.get(reference)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
  rmSync(fileOf(reference.$blob));
  await expect(blobs.get(reference)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
});

it('writes one anew that a full disk cut off', async () => {
  const blobs = createFileBlobStore(folder);
  const reference = await blobs.put('"whole"');
  truncateSync(fileOf(reference.$blob), 3);
  await blobs.put('"whole"');
  expect(await blobs.get(reference)).toBe('"whole"');
});

it.each(['../../etc/passwd', '', 'A'.repeat(64)])('never takes %j for the name of a file', async (name) => {
  await expect(createFileBlobStore(folder).get({ $blob: name, size: 1 })).rejects.toMatchObject({
    code: 'BLOB_MISSING',
  });
});
