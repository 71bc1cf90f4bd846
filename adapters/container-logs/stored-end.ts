import { readFile, truncate } from 'node:fs/promises';
import type { OutputMark, OutputStream } from '../engine/output-line.ts';
import { type LogEntry, markOf, parseEntry } from './log-entry.ts';

/** How far a log reaches. */
export interface StoredEnd {
  /** Bytes of its last file. */
  readonly bytes: number;
  /** Which start of the container is written about. */
  readonly engineId: string | null;
  /** All of that start is there. */
  readonly ended: boolean;
  readonly marks: readonly OutputMark[];
}

const streams: readonly OutputStream[] = ['stdout', 'stderr'];

/**
 * Reads it from the last file itself, so that lines and marks can never contradict each other, and takes away what a crash left
 * half-written behind its last line.
 */
export async function storedEnd(file: string): Promise<StoredEnd> {
  const found = await readFile(file);
  const bytes = found.subarray(0, await wholeLines(file, found));
  const starts = lastEntry(bytes, '"engineId":"');
  const begun = starts === null ? bytes : bytes.subarray(starts.at);
  const engineId = (starts?.entry.stream === 'ploinky' && starts.entry.engineId) || null;
  const marks = new Map<OutputStream, OutputMark>();
  const note = (mark: OutputMark) => {
    const known = marks.get(mark.stream);
    if (!known || mark.time > known.time || (mark.time === known.time && mark.n > known.n)) {
      marks.set(mark.stream, markOf(mark));
    }
  };
  if (starts?.entry.stream === 'ploinky') for (const mark of starts.entry.marks ?? []) note(mark);
  for (const stream of streams) {
    const entry = lastEntry(begun, `"stream":"${stream}"`)?.entry;
    if (entry && entry.stream !== 'ploinky') note(entry);
  }
  // What was dropped has its mark in a notice.
  const dropped = lastEntry(begun, '"dropped":{')?.entry;
  if (dropped?.stream === 'ploinky') for (const mark of dropped.marks ?? []) note(mark);
  const ended = lastEntry(begun, '"ended":"') !== null;
  return { bytes: bytes.length, engineId, ended, marks: [...marks.values()] };
}

/** Cuts the file behind its last line that can be read. @returns its length then */
async function wholeLines(file: string, bytes: Buffer): Promise<number> {
  let end = bytes.lastIndexOf(0x0a) + 1;
  while (end > 0) {
    const start = bytes.lastIndexOf(0x0a, end - 2) + 1;
    if (parseEntry(bytes.toString('utf8', start, end - 1)) !== null) break;
    end = start;
  }
  if (end < bytes.length) await truncate(file, end);
  return end;
}

/**
 * The last line that holds a field. The texts of lines are JSON, in which quotes are escaped: what is looked for cannot
 * stand in one.
 */
function lastEntry(bytes: Buffer, field: string): { readonly at: number; readonly entry: LogEntry } | null {
  const found = bytes.lastIndexOf(field);
  if (found < 0) return null;
  const at = bytes.lastIndexOf(0x0a, found) + 1;
  const end = bytes.indexOf(0x0a, found);
  const entry = parseEntry(bytes.toString('utf8', at, end < 0 ? bytes.length : end));
  return entry === null ? null : { at, entry };
}
