/** All keys of the database. Numbers have a fixed width, so that their order as text is their order. */
const width = 16;

export const formatKey = 'm!format';

/** A commit group, under the seq of its first event. */
export function groupKey(firstSeq: number): string {
  return `e!${digits(firstSeq)}`;
}

export function seqOfGroupKey(key: string): number {
  return Number(key.slice(2));
}

export const groupRange = { gte: groupKey(0), lt: 'e"' } as const;

/** An event of a stream; its value is the key of the group that holds it. No stream name holds NUL. */
export function streamKey(stream: string, seq: number): string {
  return `s!${stream}\0${digits(seq)}`;
}

export function seqOfStreamKey(key: string): number {
  return Number(key.slice(-width));
}

export function streamRange(stream: string, from: number, to: number): { gte: string; lte: string } {
  return { gte: streamKey(stream, from), lte: streamKey(stream, to) };
}

/** What an idempotency key led to: `<first seq> <last seq>`. */
export function idempotencyKeyOf(key: string): string {
  return `k!${key}`;
}

function digits(seq: number): string {
  return String(seq).padStart(width, '0');
}
