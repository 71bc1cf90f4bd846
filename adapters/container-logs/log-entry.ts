import type { OutputLine, OutputMark, OutputStream } from '../engine/output-line.ts';

/** One line of a stored log. Times are UTC with nine digits behind the second, so that texts compare as times do. */
export type LogEntry = OutputEntry | NoticeEntry;

export interface OutputEntry {
  readonly time: string;
  readonly stream: OutputStream;
  /** Mark of the engine: where whoever follows goes on. */
  readonly n: number;
  readonly text: string;
  /** The line goes on in the next entry of this stream. */
  readonly more?: true;
}

/** What Ploinky has to say of the log itself. */
export interface NoticeEntry {
  readonly time: string;
  readonly stream: 'ploinky';
  readonly text: string;
  /** From here on: what this start of the container wrote. */
  readonly engineId?: string;
  /** It has ended, and all that it wrote stands above. */
  readonly ended?: string;
  /** Lines are null where nobody counted them. */
  readonly dropped?: { readonly lines: number | null; readonly bytes: number };
  /** Where the engine goes on, for what stands in an older file or was dropped. */
  readonly marks?: readonly OutputMark[];
}

/** What a terminal would obey, beyond what JSON.stringify escapes by itself. */
const dangerous = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** With its line end. No byte of it is a control character. */
export function entryText(entry: LogEntry): string {
  const text = JSON.stringify(entry);
  return `${text.replace(dangerous, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

/** Null for what is no entry, such as the torn end of a file. */
export function parseEntry(line: string): LogEntry | null {
  try {
    const entry = JSON.parse(line) as LogEntry | null;
    return typeof entry?.time === 'string' && typeof entry.stream === 'string' ? entry : null;
  } catch {
    return null;
  }
}

export function markOf({ stream, time, n }: OutputMark | OutputLine): OutputMark {
  return { stream, time, n };
}

export function droppedText({ lines, bytes }: { lines: number | null; bytes: number }): string {
  const size = bytes < 10_240 ? `${bytes} bytes` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
  if (lines === null) return `output was lost before it was read${bytes > 0 ? ` (${size})` : ''}`;
  return `${lines} ${lines === 1 ? 'line' : 'lines'} dropped (${size}): more than the log takes`;
}
