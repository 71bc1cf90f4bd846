import type { Socket } from 'node:net';

/** What is passed on to a client goes out over this: Node's own answer, or one that was made without it. */
export interface Answering {
  /** null while other answers of the connection come before it. */
  readonly socket: Socket | null;
  readonly statusCode: number;
  readonly headersSent: boolean;
  /** All of it was handed to the system. */
  readonly writableFinished: boolean;
  shouldKeepAlive: boolean;
  on(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
  once(event: 'drain', listener: () => void): unknown;
  writeContinue(): void;
  /** @param hints at least one, of the form that `earlyLinks` knows */
  writeEarlyHints(hints: { readonly link: string[] }): void;
  /** @param headers name, value, name, value, … */
  writeHead(status: number, reason: string, headers: string[]): unknown;
  /** The head goes out although nothing of the body is there yet. */
  flushHeaders(): void;
  /** False when no more shall come until `drain`. */
  write(bytes: Buffer): boolean;
  addTrailers(trailers: [string, string][]): void;
  end(): unknown;
  end(text: string, encoding: 'latin1'): unknown;
  destroy(): unknown;
}
