import type { BlobReference } from '../events/envelope.ts';

/** Payloads over this many bytes of JSON do not enter an event. */
export const blobThresholdBytes = 8192;

/** Content-addressed store beside the log. */
export interface BlobStore {
  /** Durable (fsync of file and folder) before it resolves. Storing the same text twice is one blob. */
  put(json: string): Promise<BlobReference>;
  /** @throws PloinkyError BLOB_MISSING when it is gone or its content does not fit its name */
  get(reference: BlobReference): Promise<string>;
}

export function isBlobReference(value: unknown): value is BlobReference {
  return (
    typeof value === 'object' &&
    value !== null &&
    '$blob' in value &&
    typeof value.$blob === 'string' &&
    'size' in value
  );
}

/** References among the fields of an event's data: the only place where the log puts them. */
export function blobsOf(data: unknown): BlobReference[] {
  if (typeof data !== 'object' || data === null) return [];
  return Object.values(data).filter(isBlobReference);
}
