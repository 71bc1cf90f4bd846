import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import type { OutputMark } from '../engine/output-line.ts';
import { entryText, type LogEntry } from './log-entry.ts';
import { segmentFile, segmentsOf } from './segments.ts';
import { type StoredEnd, storedEnd } from './stored-end.ts';

export interface LogBounds {
  /** Of one file; the next one is begun behind it. */
  readonly fileBytes: number;
  /** Of one container; the oldest goes. */
  readonly files: number;
}

const nothing: StoredEnd = { bytes: 0, engineId: null, ended: false, marks: [] };

/**
 * Appends to the log of one replica of a release. Each call is one write: after a crash of the server a line is there as a whole or is
 * cut off by the next one that opens the log. What the system has was not lost with the process, so nothing is synced but
 * before the engine's own copy goes.
 */
export class LogWriter {
  readonly end: StoredEnd;
  readonly #folder: string;
  readonly #bounds: () => LogBounds;
  readonly #header: () => LogEntry | null;
  #handle: FileHandle;
  #segment: number;
  #bytes: number;

  private constructor(
    folder: string,
    bounds: () => LogBounds,
    header: () => LogEntry | null,
    opened: { handle: FileHandle; segment: number; end: StoredEnd },
  ) {
    this.#folder = folder;
    this.#bounds = bounds;
    this.#header = header;
    this.#handle = opened.handle;
    this.#segment = opened.segment;
    this.#bytes = opened.end.bytes;
    this.end = opened.end;
  }

  /** @param header first line of each further file: it must be possible to go on from that file alone */
  static async open(folder: string, bounds: () => LogBounds, header: () => LogEntry | null): Promise<LogWriter> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const [...segments] = await segmentsOf(folder);
    let segment = segments.pop() ?? 1;
    let end = await endOf(folder, segment);
    // A crash came between a new file and its first line.
    if (end.bytes === 0 && segments.length > 0) {
      await unlink(segmentFile(folder, segment)).catch(() => undefined);
      segment = segments.pop() ?? 1;
      end = await endOf(folder, segment);
    }
    const handle = await open(segmentFile(folder, segment), 'a', 0o600);
    return new LogWriter(folder, bounds, header, { handle, segment, end });
  }

  /** Appends all of them; begins a new file first when the present one is full. */
  async append(entries: readonly LogEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const { fileBytes } = this.#bounds();
    if (this.#bytes >= fileBytes) await this.#nextFile();
    const text = Buffer.from(entries.map(entryText).join(''));
    await this.#write(text);
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #write(text: Buffer): Promise<void> {
    let written = 0;
    while (written < text.length) written += (await this.#handle.write(text, written)).bytesWritten;
    this.#bytes += text.length;
  }

  async #nextFile(): Promise<void> {
    const next = await open(segmentFile(this.#folder, this.#segment + 1), 'a', 0o600);
    await this.#handle.close();
    this.#handle = next;
    this.#segment += 1;
    this.#bytes = 0;
    const header = this.#header();
    if (header !== null) await this.#write(Buffer.from(entryText(header)));
    for (const segment of await segmentsOf(this.#folder)) {
      if (segment > this.#segment - this.#bounds().files) break;
      await unlink(segmentFile(this.#folder, segment)).catch(() => undefined);
    }
  }
}

async function endOf(folder: string, segment: number): Promise<StoredEnd> {
  try {
    return await storedEnd(segmentFile(folder, segment));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return nothing;
    throw error;
  }
}

/** Header of a further file of the same start. Without a text it is shown to nobody. */
export function continues(time: string, engineId: string, marks: readonly OutputMark[]): LogEntry {
  return { time, stream: 'ploinky', text: '', engineId, marks };
}
