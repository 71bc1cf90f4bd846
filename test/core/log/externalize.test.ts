import fc from 'fast-check';
import { expect, it } from 'vitest';
import { blobThresholdBytes, isBlobReference } from '../../../core/log/blob-port.ts';
import { externalize, materialize } from '../../../core/log/externalize.ts';
import { createMemoryBlobStore } from '../../../core/log/file-blobs.ts';

it('gives back what it took, whatever it was, and keeps no field over the threshold', async () => {
  const large = fc.string({ minLength: blobThresholdBytes, maxLength: blobThresholdBytes + 10, size: 'max' });
  const field = fc.oneof({ weight: 5, arbitrary: fc.jsonValue() }, { weight: 1, arbitrary: large });
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), field), async (data) => {
      const blobs = createMemoryBlobStore();
      const moved = (await externalize(data, blobs)) as Record<string, unknown>;
      for (const value of Object.values(moved)) {
        expect(Buffer.byteLength(JSON.stringify(value))).toBeLessThanOrEqual(blobThresholdBytes);
      }
      expect(JSON.stringify(await materialize(moved, blobs))).toBe(JSON.stringify(data));
    }),
    { numRuns: 50 },
  );
});

it('returns small data itself, without a promise', () => {
  const data = { a: 1, b: ['x'.repeat(100)] };
  expect(externalize(data, createMemoryBlobStore())).toBe(data);
  expect(externalize(null, createMemoryBlobStore())).toBeNull();
});

it('measures bytes and not characters', async () => {
  const data = { text: '€'.repeat(blobThresholdBytes / 2) };
  const moved = (await externalize(data, createMemoryBlobStore())) as { text: unknown };
  expect(isBlobReference(moved.text)).toBe(true);
});

it('keeps somebody from passing a reference of their own off as one of ours', async () => {
  const blobs = createMemoryBlobStore();
  const secret = await blobs.put('"somebody else’s"');
  const moved = await externalize({ params: secret }, blobs);
  expect(await materialize(moved, blobs)).toEqual({ params: secret });
});

it('keeps a field called __proto__ as data', async () => {
  const data: unknown = JSON.parse(`{"__proto__":{"admin":true},"large":"${'x'.repeat(9_000)}"}`);
  const blobs = createMemoryBlobStore();
  const back = (await materialize(await externalize(data, blobs), blobs)) as object;
  expect(Object.entries(back)[0]).toEqual(['__proto__', { admin: true }]);
  expect((back as { admin?: unknown }).admin).toBeUndefined();
});
