import { definitionOf } from '../events/catalogue.ts';
import type { NewEvent } from '../events/envelope.ts';
import type { BlobStore } from '../log/blob-port.ts';
import { externalize, staysInEvent } from '../log/externalize.ts';

/**
 * The event's data with its large payload in the blob store; without a promise where nothing moves. What projections
 * read stays in the event whatever its size: folding is synchronous, and state must not depend on a second file.
 */
export function movePayload({ type, data }: NewEvent, blobs: BlobStore): unknown | Promise<unknown> {
  const fields = definitionOf(type)?.payload ?? [];
  if (fields.length === 0) return data;
  const all = data as Record<string, unknown>;
  if (fields.every((field) => staysInEvent(all[field]))) return data;
  const payload = Object.fromEntries(fields.map((field) => [field, all[field]]));
  const moved = externalize(payload, blobs);
  if (moved === payload) return data;
  return Promise.resolve(moved).then((references) => ({ ...all, ...(references as object) }));
}
