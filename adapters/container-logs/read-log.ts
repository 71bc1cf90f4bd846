import { open, readFile } from 'node:fs/promises';
import { type LogEntry, parseEntry } from './log-entry.ts';
import { type LogFilter, matches, timeOf } from './log-filter.ts';
import { segmentFile, segmentSizes, segmentsOf } from './segments.ts';

/** Behind a line: where a reader goes on. */
export interface LogPlace {
  readonly segment: number;
  readonly offset: number;
}

export interface PlacedEntry {
  readonly entry: LogEntry;
  /** Where the next one begins. */
  readonly place: LogPlace;
}

const chunkBytes = 256 * 1024;
const lineEnd = 0x0a;
export const beginning: LogPlace = { segment: 0, offset: 0 };

/**
 * The last `most` lines that match, oldest first, and where the log ends. Reads from the newest file back, and no further than it must.
 */
export async function lastEntries(
  folder: string,
  most: number,
  filter: LogFilter,
): Promise<{ readonly entries: readonly PlacedEntry[]; readonly end: LogPlace }> {
  const found: PlacedEntry[] = [];
  let end: LogPlace | null = null;
  for (const segment of (await segmentsOf(folder)).reverse()) {
    const bytes = await readFile(segmentFile(folder, segment)).catch(() => null);
    if (bytes === null) continue;
    let stop = bytes.lastIndexOf(lineEnd) + 1;
    end ??= { segment, offset: stop };
    while (stop > 0 && found.length < most) {
      const start = stop < 2 ? 0 : bytes.lastIndexOf(lineEnd, stop - 2) + 1;
      // Of two streams one may be behind the other by a moment, never by a second.
      if (filter.since !== undefined && isLongBefore(timeOf(bytes, start), filter.since)) {
        return { entries: found.reverse(), end };
      }
      const entry = parseEntry(bytes.toString('utf8', start, stop - 1));
      if (entry !== null && matches(filter, entry)) found.push({ entry, place: { segment, offset: stop } });
      stop = start;
    }
    if (found.length >= most) break;
  }
  return { entries: found.reverse(), end: end ?? beginning };
}

/**
 * What matches behind a place, oldest first, up to the present end of the log. Where files went meanwhile it goes on with the oldest
 * there is.
 * @param moved told how far it has read, also over what does not match
 */
export async function* entriesBehind(
  folder: string,
  after: LogPlace,
  filter: LogFilter,
  moved: (place: LogPlace) => void = () => {},
): AsyncGenerator<PlacedEntry> {
  for (const { segment, changedMs } of await segmentSizes(folder)) {
    if (segment < after.segment) continue;
    // All of an older file was written before its last change.
    if (filter.since !== undefined && changedMs + 1_000 < Date.parse(filter.since)) continue;
    let offset = segment === after.segment ? after.offset : 0;
    const handle = await open(segmentFile(folder, segment)).catch(() => null);
    if (handle === null) continue;
    try {
      for (let length = chunkBytes; ; ) {
        const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, offset);
        const bytes = buffer.subarray(0, bytesRead);
        const whole = bytes.lastIndexOf(lineEnd) + 1;
        if (whole === 0) {
          if (bytesRead < length) break;
          length *= 2;
          continue;
        }
        for (let start = 0; start < whole; ) {
          const stop = bytes.indexOf(lineEnd, start) + 1;
          const place = { segment, offset: offset + stop };
          const early = filter.since !== undefined && timeOf(bytes, start) < filter.since;
          const entry = early ? null : parseEntry(bytes.toString('utf8', start, stop - 1));
          start = stop;
          if (entry !== null && matches(filter, entry)) yield { entry, place };
        }
        offset += whole;
        moved({ segment, offset });
        length = chunkBytes;
      }
    } finally {
      await handle.close();
    }
  }
}

function isLongBefore(time: string, since: string): boolean {
  return time < since && Date.parse(time) < Date.parse(since) - 1_000;
}
