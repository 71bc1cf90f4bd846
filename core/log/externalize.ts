import { type BlobStore, blobThresholdBytes, isBlobReference } from './blob-port.ts';

/**
 * Moves every top-level field of an event's data whose JSON is over the threshold into the blob store and leaves a
 * reference. Small data, nearly all of it, comes back as it is and without a promise. A value from outside that only
 * looks like a reference is moved as well, so that it is never taken for one.
 */
export function externalize(data: unknown, store: BlobStore): unknown | Promise<unknown> {
  if (typeof data !== 'object' || data === null) return data;
  if (!mayBeLarge(data) && !Object.values(data).some(isBlobReference)) return data;
  return moveLargeFields(data as Record<string, unknown>, store);
}

/** The way back: references among the top-level fields of `value`, or `value` itself, become their content. */
export async function materialize(value: unknown, store: BlobStore): Promise<unknown> {
  if (isBlobReference(value)) return JSON.parse(await store.get(value));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  if (!entries.some(([, field]) => isBlobReference(field))) return value;
  return Object.fromEntries(
    await Promise.all(
      entries.map(async ([name, field]) => {
        return [name, isBlobReference(field) ? JSON.parse(await store.get(field)) : field] as const;
      }),
    ),
  );
}

async function moveLargeFields(data: Record<string, unknown>, store: BlobStore): Promise<unknown> {
  const moved: [string, unknown][] = [];
  for (const [name, field] of Object.entries(data)) {
    const json = typeof field === 'object' || typeof field === 'string' ? JSON.stringify(field) : '';
    const out = isBlobReference(field) || Buffer.byteLength(json) > blobThresholdBytes;
    moved.push([name, out ? await store.put(json) : field]);
  }
  // Not by assignment: a field called __proto__ would become the object's prototype.
  return Object.fromEntries(moved);
}

/** True for a value that is certainly small and no reference: nearly every one, and said without encoding it. */
export function staysInEvent(value: unknown): boolean {
  return spaceAfter(value, blobThresholdBytes) >= 0 && !isBlobReference(value);
}

function mayBeLarge(value: unknown): boolean {
  return spaceAfter(value, blobThresholdBytes) < 0;
}

/** What is left of `space` bytes after the JSON of a value, at least; ends as soon as nothing is. */
function spaceAfter(value: unknown, space: number): number {
  if (typeof value === 'string') return space - value.length * 6 - 2;
  if (typeof value !== 'object' || value === null) return space - 25;
  let left = space - 2;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && left >= 0; i += 1) left = spaceAfter(value[i], left - 1);
    return left;
  }
  for (const name in value) {
    left = spaceAfter((value as Record<string, unknown>)[name], left - name.length * 6 - 4);
    if (left < 0) return left;
  }
  return left;
}
