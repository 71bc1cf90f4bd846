// Calls an HTTP server as cheaply as Node can: one prepared request, and of each answer nothing but its status and length.
// For machines without wrk.
import { connect, type Socket } from 'node:net';
import { answerRounds } from './answer-rounds.ts';

const { HTTP_URL = 'http://127.0.0.1', HTTP_METHOD = 'GET', HTTP_BODY = '' } = process.env;
const { hostname, port, pathname } = new URL(HTTP_URL);
const head = [
  `${HTTP_METHOD} ${pathname} HTTP/1.1`,
  `host: ${hostname}`,
  'content-type: application/json',
  `content-length: ${Buffer.byteLength(HTTP_BODY)}`,
];
const request = Buffer.from(`${head.join('\r\n')}\r\n\r\n${HTTP_BODY}`);

/** A connection that is kept: one call at a time. */
class Caller {
  readonly #socket: Socket;
  #text = '';
  #done: (() => void) | null = null;
  #failed: ((error: Error) => void) | null = null;

  constructor() {
    this.#socket = connect(Number(port), hostname).setNoDelay().setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#take(text));
    this.#socket.on('error', (error) => this.#failed?.(error));
    this.#socket.on('close', () => this.#failed?.(new Error(`${HTTP_URL} closed the connection`)));
  }

  call(): Promise<void> {
    return new Promise((done, failed) => {
      this.#done = done;
      this.#failed = failed;
      this.#socket.write(request);
    });
  }

  #take(text: string): void {
    this.#text += text;
    const end = this.#text.indexOf('\r\n\r\n');
    if (end < 0) return;
    const headers = this.#text.slice(0, end);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(headers)?.[1] ?? Number.NaN);
    const whole = Number.isNaN(length) ? this.#text.endsWith('\r\n0\r\n\r\n') : this.#text.length >= end + 4 + length;
    if (!whole) return;
    this.#text = '';
    if (headers.startsWith('HTTP/1.1 200 ')) this.#done?.();
    else this.#failed?.(new Error(`${HTTP_URL}: ${headers.slice(0, 200)}`));
  }
}

const idle: Caller[] = [];
answerRounds(async () => {
  const caller = idle.pop() ?? new Caller();
  await caller.call();
  idle.push(caller);
});
