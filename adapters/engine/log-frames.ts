import { StringDecoder } from 'node:string_decoder';

const headerBytes = 8;

/**
 * Text out of the engine's log stream, both streams in the order in which they arrive. Each piece stands behind a header:
 * one byte for the stream (1 stdout, 2 stderr), three zero bytes, four bytes length
 * (Docker Engine API, "Attach to a container", stream format). Chunks may end anywhere.
 */
export class LogFrames {
  // A character may be cut at the end of a piece, and the other stream may speak before the rest comes.
  readonly #decoders = new Map<number, StringDecoder>();
  #waiting: Buffer[] = [];
  #bytes = 0;

  push(chunk: Buffer): string {
    this.#waiting.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < headerBytes) return '';
    let buffer = this.#waiting.length === 1 ? chunk : Buffer.concat(this.#waiting);
    let text = '';
    while (buffer.length >= headerBytes) {
      const end = headerBytes + buffer.readUInt32BE(4);
      if (buffer.length < end) break;
      text += this.#decoder(buffer[0] ?? 1).write(buffer.subarray(headerBytes, end));
      buffer = buffer.subarray(end);
    }
    this.#waiting = buffer.length === 0 ? [] : [buffer];
    this.#bytes = buffer.length;
    return text;
  }

  #decoder(stream: number): StringDecoder {
    const known = this.#decoders.get(stream) ?? new StringDecoder('utf8');
    this.#decoders.set(stream, known);
    return known;
  }
}
