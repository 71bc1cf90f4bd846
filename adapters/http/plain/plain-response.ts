import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { answerHead } from './answer-head.ts';
import type { Answering } from './answering.ts';

/** Whose answer it is: told when the connection may go on. */
export interface Answered {
  readonly keepAliveMs: number;
  /** The answer is with the system in full. */
  answered(): void;
}

const none = '';
const nothing = Buffer.alloc(0);

/** An answer to a plain request, which is the only one under way on its connection. Written in as few pieces as can be. */
export class PlainResponse implements Answering {
  readonly socket: Socket;
  readonly #connection: Answered;
  statusCode = 200;
  shouldKeepAlive = true;
  headersSent = false;
  writableFinished = false;
  /** The head, until the first bytes leave. */
  #head = none;
  #chunked = false;
  #trailers = none;
  #corked = false;
  #onClose: (() => void) | null = null;

  constructor(connection: Answered, socket: Socket) {
    this.#connection = connection;
    this.socket = socket;
  }

  on(_event: 'close', listener: () => void): void {
    this.#onClose = listener;
  }

  off(_event: 'close', listener: () => void): void {
    if (this.#onClose === listener) this.#onClose = null;
  }

  once(_event: 'drain', listener: () => void): void {
    this.socket.once('drain', listener);
  }

  /** The connection has ended. */
  closed(): void {
    const tell = this.#onClose;
    this.#onClose = null;
    tell?.();
  }

  /** Never asked for: who waits to be told to go on is no plain client. */
  writeContinue(): void {}

  writeEarlyHints({ link }: { readonly link: readonly string[] }): void {
    if (this.socket.writable)
      this.socket.write(`HTTP/1.1 103 Early Hints\r\nLink: ${link.join(', ')}\r\n\r\n`, 'latin1');
  }

  writeHead(status: number, reason: string, headers: readonly string[]): void {
    const keepAlive = this.shouldKeepAlive ? Math.floor(this.#connection.keepAliveMs / 1_000) : null;
    const { text, chunked } = answerHead(status, reason, headers, keepAlive, Date.now());
    this.statusCode = status;
    this.headersSent = true;
    this.#head = text;
    this.#chunked = chunked;
  }

  flushHeaders(): void {
    if (this.#head === none || !this.socket.writable) return;
    this.socket.write(this.#head, 'latin1');
    this.#head = none;
  }

  write(bytes: Buffer): boolean {
    const { socket } = this;
    if (!socket.writable) return true;
    // One read of a service may bring many pieces: they leave together.
    if (!this.#corked) {
      this.#corked = true;
      socket.cork();
      process.nextTick(this.#uncork);
    }
    const before = this.#chunked ? `${this.#head}${bytes.length.toString(16)}\r\n` : this.#head;
    if (before !== none) socket.write(before, 'latin1');
    this.#head = none;
    const more = socket.write(bytes);
    return this.#chunked ? socket.write('\r\n', 'latin1') : more;
  }

  readonly #uncork = () => {
    if (!this.#corked) return;
    this.#corked = false;
    this.socket.uncork();
  };

  addTrailers(trailers: readonly (readonly [string, string])[]): void {
    for (const [name, value] of trailers) this.#trailers += `${name}: ${value}\r\n`;
  }

  /** @param text what is left of the body, as latin1 */
  end(text = none): void {
    const last = this.#chunked ? `${chunkOf(text)}0\r\n${this.#trailers}\r\n` : text;
    if (this.socket.writable && (this.#head !== none || last !== none)) this.socket.write(this.#head + last, 'latin1');
    this.#head = none;
    this.#ended();
  }

  /** Head and body of an answer at once. @param bytes of the text in UTF-8 */
  whole(status: number, headers: readonly string[], text: string, bytes: number): void {
    this.writeHead(status, STATUS_CODES[status] ?? 'unknown', headers);
    const { socket } = this;
    const head = this.#head;
    this.#head = none;
    if (!socket.writable) return;
    if (bytes === text.length) {
      socket.write(head + text, 'latin1');
    } else {
      socket.cork();
      socket.write(head, 'latin1');
      socket.write(text, 'utf8');
      socket.uncork();
    }
    this.#ended();
  }

  #ended(): void {
    this.#uncork();
    const { socket } = this;
    // One that broke tells of its end by itself.
    if (!socket.writable) return;
    if (socket.writableLength === 0) this.#finished();
    else socket.write(nothing, this.#finished);
  }

  readonly #finished = (error?: Error | null) => {
    // The one that broke is not destroyed yet.
    if (error || this.socket.destroyed) return;
    this.writableFinished = true;
    this.closed();
    this.#connection.answered();
  };

  destroy(): void {
    this.socket.destroy();
  }
}

function chunkOf(text: string): string {
  return text === none ? none : `${text.length.toString(16)}\r\n${text}\r\n`;
}
