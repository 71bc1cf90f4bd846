import { connect, type Socket } from 'node:net';
import { ChunkedBody } from './chunked-body.ts';
import { MalformedAnswer, parseResponseHead, type ResponseHead } from './response-head.ts';

/** Where a service listens. */
export type UpstreamAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number };

/** Whoever waits for what comes over a connection. */
export interface Exchange {
  /** The request was HEAD: its answer has no body, whatever it says. */
  readonly bodiless: boolean;
  /** 1xx, any number of them. */
  information(head: ResponseHead): void;
  answered(head: ResponseHead): void;
  /** 101: the connection is no HTTP any more and belongs to whoever is told; null for who did not ask for it. */
  readonly switched: ((head: ResponseHead, socket: Socket, first: Buffer) => void) | null;
  /** Bytes of the answer; false when no more shall come until `resume`. */
  data(bytes: Buffer): boolean;
  /** Everything that one read brought was handed over. */
  flushed(): void;
  ended(trailers: readonly [string, string][]): void;
  /** The service takes more of the request. */
  drained(): void;
  /** Nothing more will come. `silent`: not a byte of an answer came over it. */
  broken(error: Error, silent: boolean): void;
}

const longestHead = 65_536;
const nothing = Buffer.alloc(0);

/** One connection to a service, for one exchange at a time. */
export class UpstreamConnection {
  readonly socket: Socket;
  /** How many exchanges began on it. */
  uses = 0;
  /** When it became idle, `performance.now()`. */
  idleSince = 0;
  /** Milliseconds that the service keeps it while it is idle. */
  idleMs = 0;
  /** Told once the connection is of no more use. */
  onClosed: (() => void) | null = null;
  #exchange: Exchange | null = null;
  #head: ResponseHead | null = null;
  /** Of a body of known length. */
  #left = 0;
  #chunks: ChunkedBody | null = null;
  /** The beginning of a head whose end has not come. */
  #waiting: Buffer = nothing;
  #heard = false;
  #failure: Error | null = null;

  constructor(address: UpstreamAddress) {
    // Half open, for protocols in which one side may have said all while the other goes on.
    const where = 'socketPath' in address ? { path: address.socketPath } : { host: address.host, port: address.port };
    const socket = connect({ ...where, allowHalfOpen: true, noDelay: true });
    this.socket = socket;
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
    socket.on('error', (error) => {
      this.#failure ??= error;
    });
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onClose);
  }

  begin(exchange: Exchange): void {
    this.uses += 1;
    this.#exchange = exchange;
    this.#head = null;
    this.#heard = false;
  }

  /** Ends the connection, and tells nobody: for whoever has lost interest. */
  abandon(): void {
    this.#exchange = null;
    this.socket.destroy();
  }

  readonly #onData = (bytes: Buffer) => this.#read(bytes);
  readonly #onDrain = () => this.#exchange?.drained();
  readonly #onEnd = () => this.#noMore();
  readonly #onClose = () => {
    this.#noMore();
    this.onClosed?.();
  };

  #read(bytes: Buffer): void {
    const exchange = this.#exchange;
    // What nobody asked for could only be an answer to the next question: nobody will ask here again.
    if (exchange === null) {
      this.socket.destroy();
      return;
    }
    this.#heard = true;
    try {
      if (this.#head === null) this.#readHead(exchange, bytes);
      else this.#readBody(exchange, bytes);
      if (this.#exchange === exchange) exchange.flushed();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #readHead(exchange: Exchange, bytes: Buffer): void {
    let rest = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes]);
    while (this.#exchange === exchange) {
      const end = rest.indexOf('\r\n\r\n');
      if ((end < 0 ? rest.length : end) > longestHead) throw new MalformedAnswer('headers over 64 KiB');
      if (end < 0) {
        this.#waiting = rest;
        return;
      }
      const head = parseResponseHead(rest.toString('latin1', 0, end), exchange.bodiless);
      rest = rest.subarray(end + 4);
      if (head.status >= 200) {
        this.#waiting = nothing;
        this.#begin(exchange, head, rest);
        return;
      }
      if (head.status === 101) {
        this.#switch(exchange, head, rest);
        return;
      }
      exchange.information(head);
    }
  }

  #switch(exchange: Exchange, head: ResponseHead, rest: Buffer): void {
    const { socket } = this;
    if (exchange.switched === null) throw new MalformedAnswer('a switch of protocols that nobody asked for');
    this.#exchange = null;
    socket.pause();
    socket.off('data', this.#onData);
    socket.off('drain', this.#onDrain);
    socket.off('end', this.#onEnd);
    socket.off('close', this.#onClose);
    const { onClosed } = this;
    exchange.switched(head, socket, rest);
    // Counted as a tunnel by now: at no moment is nothing under way.
    onClosed?.();
  }

  #begin(exchange: Exchange, head: ResponseHead, rest: Buffer): void {
    this.#head = head;
    const { framing } = head;
    this.#chunks =
      framing === 'chunked'
        ? new ChunkedBody({
            data: (bytes) => this.#pass(exchange, bytes),
            end: (trailers, after) => this.#end(exchange, trailers, after),
          })
        : null;
    this.#left = typeof framing === 'number' ? framing : 0;
    exchange.answered(head);
    if (this.#exchange !== exchange) return;
    if (framing === 0) this.#end(exchange, [], rest);
    else if (rest.length > 0) this.#readBody(exchange, rest);
  }

  #readBody(exchange: Exchange, bytes: Buffer): void {
    if (this.#chunks !== null) this.#chunks.push(bytes);
    else if (this.#head?.framing === 'untilClose') this.#pass(exchange, bytes);
    else if (bytes.length < this.#left) {
      this.#left -= bytes.length;
      this.#pass(exchange, bytes);
    } else {
      const { length } = bytes;
      const whole = length === this.#left;
      this.#pass(exchange, whole ? bytes : bytes.subarray(0, this.#left));
      if (this.#exchange === exchange) this.#end(exchange, [], whole ? nothing : bytes.subarray(this.#left));
    }
  }

  #pass(exchange: Exchange, bytes: Buffer): void {
    // One that gave up in the middle of a read wants no more of it.
    if (this.#exchange === exchange && !exchange.data(bytes)) this.socket.pause();
  }

  #end(exchange: Exchange, trailers: readonly [string, string][], rest: Buffer): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = null;
    if (rest.length > 0) this.socket.destroy();
    exchange.ended(trailers);
  }

  #noMore(): void {
    const exchange = this.#exchange;
    if (exchange === null) {
      this.socket.destroy();
      return;
    }
    if (this.#head?.framing === 'untilClose' && this.#failure === null) {
      this.#end(exchange, [], nothing);
      this.socket.destroy();
      return;
    }
    this.#fail(this.#failure ?? new Error('the service closed the connection'));
  }

  #fail(error: Error): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    this.socket.destroy();
    exchange?.broken(error, !this.#heard);
  }

  /** Of the answer under way, for whoever decides whether the connection may be used again. */
  get head(): ResponseHead | null {
    return this.#head;
  }
}
