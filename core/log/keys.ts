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

/** The n-th page of the stream index, from 1. */
export function pageKey(n: number): string {
  return `x!${digits(n)}`;
}

export const pageRange = { gte: pageKey(0), lt: 'x"' } as const;

/** What an idempotency key led to: `<first seq> <last seq>`. */
export function idempotencyKeyOf(key: string): string {
  return `k!${key}`;
}

export const idempotencyKeyRange = { gte: 'k!', lt: 'k"' } as const;

/** The idempotency keys that came with a commit group, under the seq of its first event: a JSON array. */
export function keyListKey(firstSeq: number): string {
  return `j!${digits(firstSeq)}`;
}

export const keyListRange = { gte: keyListKey(0), lt: 'j"' } as const;

/** What is known of the segment file whose range begins with event `first`. */
export function manifestKey(first: number): string {
  return `s!${digits(first)}`;
}

export const manifestRange = { gte: manifestKey(0), lt: 's"' } as const;

/** State to go on with after the deleted events that end with `seq`. */
export function keyframeKey(seq: number): string {
  return `y!${digits(seq)}`;
}

export const keyframeRange = { gte: keyframeKey(0), lt: 'y"' } as const;

function digits(seq: number): string {
  return String(seq).padStart(width, '0');
}
