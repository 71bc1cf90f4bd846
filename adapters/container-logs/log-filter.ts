import type { OutputStream } from '../engine/output-line.ts';
import type { LogEntry } from './log-entry.ts';

/** Which lines a reader wants. Everything given must hold. */
export interface LogFilter {
  /** As in the log, see `outputTime`; inclusive. */
  readonly since?: string;
  readonly stream?: OutputStream;
  /** Part of the line's text. */
  readonly contains?: string;
}

const timeAt = '{"time":"'.length;
const timeLength = 30;

/** The time of a stored line without reading all of it. */
export function timeOf(bytes: Buffer, start: number): string {
  return bytes.toString('latin1', start + timeAt, start + timeAt + timeLength);
}

/** On a line that was read. Notices have no stream and belong to both, but are no hit of a search. */
export function matches(filter: LogFilter, entry: LogEntry): boolean {
  if (entry.stream === 'ploinky' && entry.text === '') return false;
  if (filter.since !== undefined && entry.time < filter.since) return false;
  if (filter.contains !== undefined && (entry.stream === 'ploinky' || !entry.text.includes(filter.contains)))
    return false;
  return filter.stream === undefined || entry.stream === filter.stream || entry.stream === 'ploinky';
}
