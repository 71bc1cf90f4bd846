import { StringDecoder } from 'node:string_decoder';
import { type OutputBudget, type OutputLine, type OutputMark, type OutputStream, pieceLimit } from './output-line.ts';
import { outputTimeOf } from './output-time.ts';
import { splitText } from './split-text.ts';

const headerBytes = 8;
const space = 0x20;
const lineEnd = 0x0a;
const carriageReturn = 0x0d;

/**
 * Lines out of the engine's log stream with timestamps: each frame is a line, or a piece of one when it has no line end,
 * behind its time. What was stored before is left out, what the budget does not allow is counted.
 */
export class LogPieces {
  readonly #budget: OutputBudget | undefined;
  readonly #streams: Readonly<Record<OutputStream, StreamPieces>>;
  #waiting: Buffer[] = [];
  #bytes = 0;

  constructor(after: readonly OutputMark[], budget?: OutputBudget) {
    this.#budget = budget;
    const of = (stream: OutputStream) =>
      new StreamPieces(
        stream,
        after.find((mark) => mark.stream === stream),
      );
    this.#streams = { stdout: of('stdout'), stderr: of('stderr') };
  }

  push(chunk: Buffer): OutputLine[] {
    this.#waiting.push(chunk);
    this.#bytes += chunk.length;
    const lines: OutputLine[] = [];
    if (this.#bytes < headerBytes) return lines;
    let buffer = this.#waiting.length === 1 ? chunk : Buffer.concat(this.#waiting);
    while (buffer.length >= headerBytes) {
      const end = headerBytes + buffer.readUInt32BE(4);
      if (buffer.length < end) break;
      const stream = this.#streams[buffer[0] === 2 ? 'stderr' : 'stdout'];
      stream.take(buffer.subarray(headerBytes, end), this.#budget, lines);
      buffer = buffer.subarray(end);
    }
    for (const stream of [this.#streams.stdout, this.#streams.stderr]) stream.tellDropped(lines);
    // A copy: a small rest must not keep a large chunk in memory.
    this.#waiting = buffer.length === 0 ? [] : [Buffer.from(buffer)];
    this.#bytes = buffer.length;
    return lines;
  }
}

/** One of the two streams. Its frames come in the order in which they were written; those of both together need not. */
class StreamPieces {
  readonly #stream: OutputStream;
  readonly #stored: OutputMark | undefined;
  #decoder: StringDecoder | null = null;
  #time = '';
  #n = -1;
  #lines = 0;
  #bytes = 0;

  constructor(stream: OutputStream, stored: OutputMark | undefined) {
    this.#stream = stream;
    this.#stored = stored;
  }

  take(frame: Buffer, budget: OutputBudget | undefined, lines: OutputLine[]): void {
    const gap = frame.indexOf(space);
    const time = gap < 0 ? null : outputTimeOf(frame.toString('latin1', 0, gap));
    // A frame without a time does not occur; its text is kept with the time before it.
    const text = time === null ? frame : frame.subarray(gap + 1);
    this.#count(time ?? this.#time);
    if (this.#wasStored()) return;
    const ended = text[text.length - 1] === lineEnd;
    if (budget && !budget.allows(text.length)) {
      this.#decoder = null;
      this.#bytes += text.length;
      if (ended) this.#lines += 1;
      return;
    }
    this.tellDropped(lines);
    const words = this.#decode(ended ? withoutEnd(text) : text, ended);
    const pieces = splitText(words, pieceLimit);
    pieces.forEach((piece, i) => {
      const last = i === pieces.length - 1;
      // Only the last piece stands for the frame: until then the frame counts as not seen.
      lines.push(this.#line(piece, !(last && ended), last ? this.#n : this.#n - 1));
    });
  }

  tellDropped(lines: OutputLine[]): void {
    if (this.#bytes === 0) return;
    lines.push({ ...this.#line('', false, this.#n), dropped: { lines: this.#lines, bytes: this.#bytes } });
    this.#lines = 0;
    this.#bytes = 0;
  }

  #line(text: string, more: boolean, n: number): OutputLine {
    return { stream: this.#stream, time: this.#time, n, text, more, dropped: null };
  }

  #count(time: string): void {
    this.#n = time === this.#time ? this.#n + 1 : 0;
    this.#time = time;
  }

  #wasStored(): boolean {
    const stored = this.#stored;
    if (stored === undefined || this.#time > stored.time) return false;
    return this.#time < stored.time || this.#n <= stored.n;
  }

  #decode(text: Buffer, ended: boolean): string {
    if (ended && this.#decoder === null) return text.toString();
    // A character may be cut where the engine cut a long line.
    this.#decoder ??= new StringDecoder('utf8');
    const words = this.#decoder.write(text);
    if (!ended) return words;
    const rest = this.#decoder.end();
    this.#decoder = null;
    return words + rest;
  }
}

function withoutEnd(text: Buffer): Buffer {
  const end = text.length - 1;
  return text.subarray(0, text[end - 1] === carriageReturn ? end - 1 : end);
}
