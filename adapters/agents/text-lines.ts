import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Lines that leave in one piece. More would keep the peer idle while they are made. */
const mostTogether = 16;

/**
 * Lines of text over a connection. What one turn of the event loop writes leaves in one piece: a system call, and a peer
 * that is woken, for each line would cost more than the line.
 */
export class TextLines {
  readonly #socket: Duplex;
  readonly #longest: number;
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #partial: string[] = [];
  #partialLength = 0;
  #out = '';
  #waiting = 0;

  /** @param longest characters of a line; a peer that sends more is cut off */
  constructor(socket: Duplex, longest: number, onLine: (line: string) => void) {
    this.#socket = socket;
    this.#longest = longest;
    this.#onLine = onLine;
    socket.on('data', (bytes: Buffer) => this.take(bytes));
  }

  /** @param line without a line break; JSON text holds none */
  write(line: string): void {
    if (this.#out === '') setImmediate(() => this.flush());
    this.#out += `${line}\n`;
    this.#waiting += 1;
    if (this.#waiting >= mostTogether) this.flush();
  }

  flush(): void {
    const text = this.#out;
    this.#out = '';
    this.#waiting = 0;
    if (text !== '' && this.#socket.writable) this.#socket.write(text);
  }

  /** Bytes as they came. */
  take(bytes: Buffer): void {
    const text = this.#decoder.write(bytes);
    let begin = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', begin)) {
      const line = text.slice(begin, end);
      begin = end + 1;
      this.#onLine(this.#partialLength === 0 ? line : this.#completed(line));
    }
    if (begin === text.length) return;
    this.#partial.push(begin === 0 ? text : text.slice(begin));
    this.#partialLength += text.length - begin;
    if (this.#partialLength > this.#longest) this.#socket.destroy(new Error('a line is too long'));
  }

  /** Put together only when it is whole: a line of many megabytes comes in thousands of pieces. */
  #completed(end: string): string {
    const line = this.#partial.join('') + end;
    this.#partial = [];
    this.#partialLength = 0;
    return line;
  }
}
