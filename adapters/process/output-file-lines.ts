import { open } from 'node:fs/promises';
import {
  type Dropped,
  type OutputBudget,
  type OutputLine,
  type OutputMark,
  type OutputStream,
  pieceLimit,
} from '../engine/output-line.ts';
import { outputTime } from '../engine/output-time.ts';
import { pieceEnd } from '../engine/split-text.ts';

/** Large enough that a flood can be read as fast as it comes. */
const chunkBytes = 1024 * 1024;
const blockBytes = 4096;
const lineEnd = 0x0a;
const carriageReturn = 0x0d;

/**
 * Lines of a file that a program appends to. It has no times: a line has that of the last change of the file, which is the
 * moment it was written when it is read at once, and the end of what was missed when it is not.
 */
export class OutputFileLines {
  readonly #file: string;
  readonly #stream: OutputStream;
  readonly #budget: OutputBudget | undefined;
  #offset: number;
  #time: string;
  #dropped: { lines: number; bytes: number; unknown: boolean } | null = null;

  constructor(file: string, stream: OutputStream, after: readonly OutputMark[], budget?: OutputBudget) {
    const mark = after.find((one) => one.stream === stream);
    this.#file = file;
    this.#stream = stream;
    this.#budget = budget;
    this.#offset = mark?.n ?? 0;
    this.#time = mark?.time ?? '';
  }

  /**
   * What has come since; at most one chunk, so that two files take turns.
   * @param last nobody writes any more: what stands behind the last line end is a line
   */
  async next(last: boolean): Promise<OutputLine[]> {
    const handle = await open(this.#file, 'r').catch(() => null);
    if (handle === null) return [];
    try {
      const { size, mtimeMs } = await handle.stat();
      // Cut since the last look: nobody knows how much stood there.
      if (size < this.#offset) this.#cut();
      if (size === this.#offset) return [];
      const time = outputTime(mtimeMs);
      if (time > this.#time) this.#time = time;
      const length = Math.min(chunkBytes, size - this.#offset);
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, this.#offset);
      return this.#linesOf(buffer.subarray(0, bytesRead), last && this.#offset + bytesRead >= size);
    } finally {
      await handle.close();
    }
  }

  #linesOf(bytes: Buffer, last: boolean): OutputLine[] {
    const lines: OutputLine[] = [];
    let start = this.#freed(bytes);
    while (start < bytes.length) {
      const end = bytes.indexOf(lineEnd, start);
      const whole = end >= 0 || last;
      const stop = end < 0 ? bytes.length : end;
      if (stop - start > pieceLimit) {
        // With at least three bytes behind it, so that no character is cut.
        const cut = pieceEnd(bytes.subarray(0, stop), start, pieceLimit);
        this.#take(bytes.subarray(start, cut), cut - start, true, lines);
        start = cut;
        continue;
      }
      if (!whole) break;
      const next = end < 0 ? bytes.length : end + 1;
      this.#take(bytes.subarray(start, stop), next - start, false, lines);
      start = next;
      if (this.#dropped !== null && end >= 0) start = this.#dropOn(bytes, start);
    }
    this.#tellDropped(lines);
    return lines;
  }

  /** Where there is no room for one line, all further whole ones of the chunk are only counted. @returns behind them */
  #dropOn(bytes: Buffer, from: number): number {
    const dropped = this.#dropped;
    const stop = bytes.lastIndexOf(lineEnd) + 1;
    if (dropped === null || stop <= from) return from;
    for (let at = bytes.indexOf(lineEnd, from); at >= 0; at = bytes.indexOf(lineEnd, at + 1)) dropped.lines += 1;
    dropped.bytes += stop - from;
    this.#offset += stop - from;
    return stop;
  }

  #take(text: Buffer, bytes: number, more: boolean, lines: OutputLine[]): void {
    this.#offset += bytes;
    if (this.#budget && !this.#budget.allows(bytes)) {
      this.#dropped ??= { lines: 0, bytes: 0, unknown: false };
      this.#dropped.bytes += bytes;
      if (!more) this.#dropped.lines += 1;
      return;
    }
    if (this.#dropped) this.#tellDropped(lines, this.#offset - bytes);
    const end = !more && text[text.length - 1] === carriageReturn ? text.length - 1 : text.length;
    lines.push(this.#line(text.toString('utf8', 0, end), more, this.#offset, null));
  }

  /** Zeros where the engine gave blocks back before they were read. @returns where text begins again */
  #freed(bytes: Buffer): number {
    let at = 0;
    while (bytes[at] === 0) at += 1;
    // A program may write zeros itself; a hole has whole blocks of them.
    if (at < blockBytes) return 0;
    this.#dropped ??= { lines: 0, bytes: 0, unknown: false };
    this.#dropped.bytes += at;
    this.#dropped.unknown = true;
    this.#offset += at;
    return at;
  }

  #cut(): void {
    this.#offset = 0;
    this.#dropped ??= { lines: 0, bytes: 0, unknown: false };
    this.#dropped.unknown = true;
  }

  #tellDropped(lines: OutputLine[], n = this.#offset): void {
    const dropped = this.#dropped;
    if (dropped === null) return;
    this.#dropped = null;
    const what: Dropped = { lines: dropped.unknown ? null : dropped.lines, bytes: dropped.bytes };
    lines.push(this.#line('', false, n, what));
  }

  #line(text: string, more: boolean, n: number, dropped: Dropped | null): OutputLine {
    return { stream: this.#stream, time: this.#time, n, text, more, dropped };
  }
}
