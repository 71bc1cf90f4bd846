import { MalformedAnswer, parseTrailers } from './response-head.ts';

const longestSizeLine = 1_024;
const longestTrailers = 16_384;
/** Size in hex, then extensions, which are for one connection only and go no further. */
const sizeLine = /^([0-9a-fA-F]{1,12})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/;

export interface ChunkSink {
  /** Bytes of the body. */
  data(bytes: Buffer): void;
  /** The end. `rest`: what came after it. */
  end(trailers: [string, string][], rest: Buffer): void;
}

/** Takes a chunked body apart, piece by piece as it arrives. Every line must end in CR LF. */
export class ChunkedBody {
  readonly #sink: ChunkSink;
  #state: 'size' | 'data' | 'dataEnd' | 'trailers' = 'size';
  /** Bytes of the chunk that are still to come. */
  #left = 0;
  /** The beginning of a line whose end has not come. */
  #line = '';

  constructor(sink: ChunkSink) {
    this.#sink = sink;
  }

  /** @throws MalformedAnswer */
  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#left);
        this.#left -= end - at;
        if (this.#left === 0) this.#state = 'dataEnd';
        this.#sink.data(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
        at = end;
        continue;
      }
      const feed = bytes.indexOf(10, at);
      const end = feed < 0 ? bytes.length : feed + 1;
      this.#line += bytes.toString('latin1', at, end);
      if (this.#line.length > (this.#state === 'trailers' ? longestTrailers : longestSizeLine)) {
        throw new MalformedAnswer('a chunk with too much around it');
      }
      at = end;
      if (feed >= 0 && this.#lineEnded()) {
        const trailers = parseTrailers(this.#line.slice(0, -2));
        this.#sink.end(trailers, bytes.subarray(at));
        return;
      }
    }
  }

  /** True at the end of the body; `#line` then holds the trailers. */
  #lineEnded(): boolean {
    const line = this.#line;
    if (!line.endsWith('\r\n')) throw new MalformedAnswer('a chunk whose line ends in a bare LF');
    if (this.#state === 'trailers') return line === '\r\n' || line.endsWith('\r\n\r\n');
    this.#line = '';
    if (this.#state === 'dataEnd') {
      if (line !== '\r\n') throw new MalformedAnswer('a chunk that is longer than it says');
      this.#state = 'size';
      return false;
    }
    const size = sizeLine.exec(line.slice(0, -2))?.[1];
    if (size === undefined) throw new MalformedAnswer('a chunk without a proper size');
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'data';
    return false;
  }
}
