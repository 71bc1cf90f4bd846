import type { Head } from '../../../core/log/log-port.ts';
import { chain, decodeLine, genesisHash, splitLine } from '../../../core/log/record.ts';
import type { Candidate } from './candidates.ts';

/** Where events go that are good. */
export interface Destinations {
  /** The next event of the chain that begins with event 1. */
  keep(line: string, seq: number): Promise<void>;
  /**
   * An event behind a hole. `follows` when it is chained to the one that came here before it.
   */
  aside(line: string, seq: number, follows: boolean): Promise<void>;
}

/**
 * Sorts what is left of a log: the longest good beginning, and what lies behind the first hole. An event counts as good
 * when its hash follows from the hash before it, which no accident brings about; behind a hole, where no hash comes before
 * it, when the checksum of its group fits.
 * @returns the last event that was kept
 */
export async function salvage(groups: AsyncIterable<readonly Candidate[]>, to: Destinations): Promise<Head> {
  let head: Head = { seq: 0, hash: genesisHash };
  let broken = false;
  let last: Head | null = null;
  for await (const group of groups) {
    if (!broken) {
      const best = longest(group.map((candidate) => following(candidate, head)));
      for (const { line, seq, hash } of best) {
        await to.keep(line, seq);
        head = { seq, hash };
      }
      const end = Math.max(...group.map(({ first, lines }) => first + lines.length - 1));
      broken = head.seq < end;
    }
    if (!broken) continue;
    const after: Head = last ?? head;
    for (const { line, seq, hash, previous } of longest(group.map((candidate) => sound(candidate, after)))) {
      await to.aside(line, seq, last !== null && last.seq === seq - 1 && previous === last.hash);
      last = { seq, hash };
    }
  }
  return head;
}

interface Good extends Head {
  readonly line: string;
  /** Hash that it was found chained to; null where none was known. */
  readonly previous: string | null;
}

/** The lines that continue the chain after `head`. */
function following({ first, lines }: Candidate, head: Head): Good[] {
  const good: Good[] = [];
  let { seq, hash } = head;
  if (first > seq + 1) return good;
  for (const line of lines.slice(seq + 1 - first)) {
    const parts = splitLine(line);
    if (!parts || chain(hash, parts.json) !== parts.hash || !decodeLine(line, seq + 1)) return good;
    good.push({ line, seq: seq + 1, hash: parts.hash, previous: hash });
    seq += 1;
    hash = parts.hash;
  }
  return good;
}

/** The lines after event `after` that are what was stored once. */
function sound({ first, lines, whole }: Candidate, after: Head): Good[] {
  const good: Good[] = [];
  let previous: string | null = first === after.seq + 1 ? after.hash : null;
  for (const [i, line] of lines.entries()) {
    const seq = first + i;
    const parts = splitLine(line);
    if (!parts) {
      previous = null;
      continue;
    }
    const chained = previous !== null && chain(previous, parts.json) === parts.hash;
    if (seq > after.seq && (chained || whole) && decodeLine(line, seq)) {
      good.push({ line, seq, hash: parts.hash, previous: chained ? previous : null });
    }
    // Also of a line that is bad itself: where the next one follows from this hash, both are what they were.
    previous = parts.hash;
  }
  return good;
}

function longest(lists: readonly Good[][]): readonly Good[] {
  return lists.reduce<readonly Good[]>((best, list) => (list.length > best.length ? list : best), []);
}
