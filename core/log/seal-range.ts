import { hash as digest } from 'node:crypto';
import { join } from 'node:path';
import { placeFile } from '../files/place-file.ts';
import { damage } from './damage.ts';
import type { Database } from './database.ts';
import { writeFailure } from './failures.ts';
import type { Gap } from './gap.ts';
import { decodeLine, genesisHash, splitLine } from './record.ts';
import { type Element, outlineOf } from './sealed-record.ts';
import { packSegment } from './segment-file.ts';
import { fileName, type SegmentManifest, segmentsFolder } from './segment-manifest.ts';
import { lastSeqOf, storedGroups, storedHash } from './stored-groups.ts';

/** What is sealed: the log of calls. Everything else is the history of the configuration and stays. */
function isSealable(type: string): boolean {
  return type.startsWith('task.');
}

/** Whole commit groups that are due. */
export interface SealRange {
  readonly from: number;
  readonly to: number;
  /** Task events in it. */
  readonly count: number;
  readonly since: string;
  readonly until: string;
}

/** So much is unpacked whenever somebody looks at one event of it. */
const most = { events: 16_384, bytes: 8 * 1024 * 1024 };

export interface DueOptions {
  /** The last event of the last sealed range; 0 = nothing was sealed. */
  readonly after: number;
  /** ISO 8601: events from before then are due. */
  readonly before: string;
  /** Events of one range; for tests. */
  readonly mostEvents?: number;
}

/**
 * The next range to seal, or null when nothing is due. Clocks jump, so the last event from before `before` counts, and
 * what lies in front of it is older whatever its time says.
 * @throws PloinkyError LOG_DAMAGED
 */
export async function nextDue(db: Database, { after, before, mostEvents = most.events }: DueOptions) {
  let begun: { from: number; since: string } | null = null;
  let open = { events: 0, bytes: 0, count: 0 };
  let due: SealRange | null = null;
  let young = 0;
  for await (const groups of storedGroups(db, { from: after + 1, to: Number.MAX_SAFE_INTEGER })) {
    for (const group of groups) {
      const { first, lines, sealed } = group;
      if (sealed || first <= after) continue;
      const events = lines.map((line, i) => {
        const event = decodeLine(line, first + i);
        if (!event) throw damage.changed(db.location, first + i);
        return event;
      });
      const tasks = events.filter(({ type }) => isSealable(type)).length;
      const until = events.at(-1)?.time ?? '';
      const past = until < before;
      if (!begun && tasks === 0) {
        young = past ? 0 : young + lines.length;
        // All that follows is young as well, or the clock was wrong for so long that nobody can tell.
        if (young > mostEvents) return null;
        continue;
      }
      begun ??= { from: first, since: events[0]?.time ?? '' };
      const bytes = lines.reduce((sum, line) => sum + line.length, 0);
      open = { events: open.events + lines.length, bytes: open.bytes + bytes, count: open.count + tasks };
      // A first group is taken however large it is: otherwise nothing would ever come after it.
      if (due && (open.events > mostEvents || open.bytes > most.bytes)) return due;
      if (past && tasks > 0) due = { ...begun, to: lastSeqOf(group), count: open.count, until };
      if (open.events > mostEvents || open.bytes > most.bytes) return due;
    }
  }
  return due;
}

export interface Parted {
  readonly elements: readonly Element[];
  readonly taken: readonly { readonly gap: Gap; readonly jsons: readonly string[] }[];
  /** First events of the groups that the range was read from. */
  readonly groups: readonly number[];
}

/** A range as it is before it is sealed, parted into what stays and what goes. @throws PloinkyError LOG_DAMAGED */
export async function part(db: Database, from: number, to: number): Promise<Parted> {
  const elements: Element[] = [];
  const taken: { gap: Gap; jsons: string[] }[] = [];
  const groups: number[] = [];
  let before = from === 1 ? genesisHash : await storedHash(db, from - 1);
  let seq = from;
  for await (const some of storedGroups(db, { from, to })) {
    for (const group of some) {
      const { first, lines, sealed } = group;
      if (sealed || first !== seq || lastSeqOf(group) > to) throw damage.missing(db.location, seq, to);
      groups.push(first);
      for (const line of lines) {
        const event = decodeLine(line, seq);
        if (!event) throw damage.changed(db.location, seq);
        if (isSealable(event.type)) {
          const open = taken.at(-1);
          const going = open && open.gap.to === seq - 1 ? open : null;
          const gap: Gap = {
            ...(going ? going.gap : { from: seq, before }),
            ...{ to: seq, last: event.hash, time: event.time },
          };
          const json = splitLine(line)?.json ?? '';
          if (going) {
            going.gap = gap;
            going.jsons.push(json);
            elements[elements.length - 1] = gap;
          } else {
            taken.push({ gap, jsons: [json] });
            elements.push(gap);
          }
        } else {
          elements.push({ seq, line });
        }
        before = event.hash;
        seq += 1;
      }
    }
  }
  if (seq !== to + 1) throw damage.missing(db.location, seq, to);
  return { elements, taken, groups };
}

/**
 * Writes the file of a range; the log itself is as before. The same range gives the same file, so that one that a crash
 * left behind is written again. @throws PloinkyError LOG_DAMAGED, DISK_FULL, LOG_WRITE_FAILED
 */
export async function writeSegment(db: Database, { from, to, count, since, until }: SealRange) {
  const { elements, taken } = await part(db, from, to);
  const { bytes, rawBytes } = await packSegment({ from, to }, taken);
  const file = fileName(from, to);
  await placeFile(join(segmentsFolder(db), file), bytes).catch((error: unknown) => {
    throw writeFailure(error);
  });
  const manifest: SegmentManifest = {
    ...{ from, to, count, since, until, file, rawBytes },
    first: await storedHash(db, from),
    last: await storedHash(db, to),
    bytes: bytes.length,
    sha256: digest('sha256', bytes, 'hex'),
    outline: outlineOf(elements),
  };
  return manifest;
}
