import type { Socket } from 'node:net';
import { type PlainHead, readPlainHead } from './plain-head.ts';
import { PlainRequest } from './plain-request.ts';
import { type Answered, PlainResponse } from './plain-response.ts';

/** Says whether it answers a request; what it does not answer is untouched. */
export type PlainListener = (request: PlainRequest, response: PlainResponse) => boolean;

export interface PlainDoor {
  readonly keepAliveMs: number;
  readonly serve: PlainListener;
  /** Takes a connection for good, with what came over it and is not answered yet. */
  handOver(connection: PlainConnection, socket: Socket, bytes: Buffer): void;
  gone(connection: PlainConnection): void;
}

/** What most clients send in one piece: a head that is longer is read anew with each request. */
const mostRemembered = 2_048;
/** Read on below this, so that the end of the connection is noticed. */
const mostAhead = 65_536;

/**
 * A client's connection as long as all that comes over it are plain requests, one after the other, each whole in one piece. The
 * first that is anything else goes to Node's server, with the connection and all that follows.
 */
export class PlainConnection implements Answered {
  readonly #socket: Socket;
  readonly #door: PlainDoor;
  #response: PlainResponse | null = null;
  /** What came before the answer was out. */
  #ahead: Buffer | null = null;
  /** A client sends the same head again and again. */
  #head: PlainHead | null = null;
  #headBytes: Buffer | null = null;
  /** When it became idle, `performance.now()`. */
  idleSince = performance.now();
  asked = false;

  constructor(socket: Socket, door: PlainDoor) {
    this.#socket = socket;
    this.#door = door;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', onError);
    socket.on('close', this.#onClose);
  }

  get socket(): Socket {
    return this.#socket;
  }

  get idle(): boolean {
    return this.#response === null;
  }

  get keepAliveMs(): number {
    return this.#door.keepAliveMs;
  }

  answered(): void {
    const { shouldKeepAlive } = this.#response as PlainResponse;
    this.#response = null;
    if (!shouldKeepAlive) {
      this.#socket.destroySoon();
      return;
    }
    this.idleSince = performance.now();
    const ahead = this.#ahead;
    // Of a connection whose client is done sending, this was the last answer.
    if (ahead !== null && this.#socket.writable) this.#handOver(ahead);
  }

  readonly #onData = (bytes: Buffer) => {
    // Whoever cannot be answered any more gets nothing done: the connection is ending behind its last answer.
    if (!this.#socket.writable) return;
    if (this.#response !== null) {
      // Who sends ahead is for Node's server, once this answer is out.
      this.#ahead = this.#ahead === null ? bytes : Buffer.concat([this.#ahead, bytes]);
      if (this.#ahead.length > mostAhead) this.#socket.pause();
      return;
    }
    const head = this.#read(bytes);
    if (head === null || bytes.length !== head.size + head.length) {
      this.#handOver(bytes);
      return;
    }
    const body = head.length === 0 ? null : bytes.subarray(head.size);
    const request = new PlainRequest(head, body, this.#socket);
    const response = new PlainResponse(this, this.#socket);
    response.shouldKeepAlive = head.keepAlive;
    this.#response = response;
    this.asked = true;
    if (this.#door.serve(request, response)) return;
    this.#response = null;
    this.#handOver(bytes);
  };

  #read(bytes: Buffer): PlainHead | null {
    const before = this.#headBytes;
    if (
      before !== null &&
      bytes.length >= before.length &&
      bytes.compare(before, 0, before.length, 0, before.length) === 0
    )
      return this.#head;
    const head = readPlainHead(bytes);
    const remembered = head !== null && head.size <= mostRemembered;
    this.#head = head;
    // A copy: the bytes themselves hold on to much more than they are.
    this.#headBytes = remembered ? Buffer.from(bytes.subarray(0, head.size)) : null;
    return head;
  }

  #handOver(bytes: Buffer): void {
    const socket = this.#socket;
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('error', onError);
    socket.off('close', this.#onClose);
    this.#door.handOver(this, socket, bytes);
  }

  /** As with Node's server: whoever says that it is done sending gets no answer to what is under way. */
  readonly #onEnd = () => {
    this.#socket.end();
  };

  readonly #onClose = () => {
    this.#door.gone(this);
    this.#response?.closed();
  };
}

/** The end that follows is what matters. */
function onError(): void {}
