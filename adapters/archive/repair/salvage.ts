import type { Gap, Keyframe } from '../../../core/log/gap.ts';
import type { Head } from '../../../core/log/log-port.ts';
import { chain, decodeLine, genesisHash, splitLine } from '../../../core/log/record.ts';
import type { StoredSegment } from '../../../core/log/segment-manifest.ts';
import type { Candidate, Item } from './candidates.ts';

/** Where events go that are good. */
export interface Destinations {
  /** The next event of the chain that begins with event 1. */
  keep(line: string, seq: number): Promise<void>;
  /** What is kept next belongs to a range of which events were deleted by policy. */
  beginDeleted(segment: StoredSegment): Promise<void>;
  /** Events that were deleted, in their place of the chain. */
  skip(gap: Gap, keyframe: Keyframe | null): Promise<void>;
  /** An event behind a hole. `follows` when it is chained to the one that came here before it. */
  aside(line: string, seq: number, follows: boolean): Promise<void>;
}

/**
 * Sorts what is left of a log: the longest good beginning, and what lies behind the first hole. An event counts as good
 * when its hash follows from the hash before it, which no accident brings about; behind a hole, where no hash comes before
 * it, when the checksum of its group fits.
 */
export async function salvage(groups: AsyncIterable<readonly Candidate[]>, to: Destinations): Promise<void> {
  let head: Head = { seq: 0, hash: genesisHash };
  let broken = false;
  let last: Head | null = null;
  for await (const group of groups) {
    if (!broken) {
      const best = longest(group.map((candidate) => following(candidate, head)));
      if (best.deleted && best.good[0]?.item.from === best.deleted.from) await to.beginDeleted(best.deleted);
      for (const { item, hash } of best.good) {
        if ('line' in item) await to.keep(item.line, item.to);
        else await to.skip(item.gap, item.keyframe);
        head = { seq: item.to, hash };
      }
      broken = head.seq < Math.max(...group.map((candidate) => candidate.last));
    }
    if (!broken) continue;
    const after: Head = last ?? head;
    for (const { item, hash, previous } of longest(group.map((candidate) => sound(candidate, after))).good) {
      const follows: boolean = last !== null && last.seq === item.from - 1 && previous === last.hash;
      if ('line' in item) await to.aside(item.line, item.to, follows);
      last = { seq: item.to, hash };
    }
  }
}

interface Good {
  readonly item: Item;
  readonly hash: string;
  /** Hash that it was found chained to; null where none was known. */
  readonly previous: string | null;
}

interface Found {
  readonly good: readonly Good[];
  readonly deleted: StoredSegment | null;
}

/** What continues the chain after `head`. */
function following({ items, deleted }: Candidate, head: Head): Found {
  const good: Good[] = [];
  let { seq, hash } = head;
  for (const item of items) {
    if (item.from <= seq) continue;
    const next = item.from === seq + 1 ? hashAfter(item, hash) : null;
    if (next === null) break;
    good.push({ item, hash: next, previous: hash });
    seq = item.to;
    hash = next;
  }
  return { good, deleted };
}

/** What is, after event `after`, what was stored once. */
function sound({ items, whole, deleted }: Candidate, after: Head): Found {
  const good: Good[] = [];
  let before: { seq: number; hash: string | null } = after;
  for (const item of items) {
    const previous = before.seq === item.from - 1 ? before.hash : null;
    const claimed = 'line' in item ? (splitLine(item.line)?.hash ?? null) : item.gap.last;
    const chained = previous !== null && hashAfter(item, previous) !== null;
    const fits =
      chained || (whole && claimed !== null && (!('line' in item) || decodeLine(item.line, item.to) !== null));
    if (item.from > after.seq && fits && claimed !== null) {
      good.push({ item, hash: claimed, previous: chained ? previous : null });
    }
    // Also of one that is bad itself: where the next one follows from its hash, both are what they were.
    before = { seq: item.to, hash: claimed };
  }
  return { good, deleted };
}

/** The hash of the item, or null when it does not follow from the hash before it. */
function hashAfter(item: Item, previous: string): string | null {
  if (!('line' in item)) return item.gap.before === previous ? item.gap.last : null;
  const parts = splitLine(item.line);
  const fits = parts !== null && chain(previous, parts.json) === parts.hash && decodeLine(item.line, item.to) !== null;
  return fits ? parts.hash : null;
}

function longest(found: readonly Found[]): Found {
  const count = ({ good }: Found) => (good.at(-1)?.item.to ?? 0) - (good[0]?.item.from ?? 1) + 1;
  return found.reduce((best, one) => (count(one) > count(best) ? one : best), { good: [], deleted: null });
}
