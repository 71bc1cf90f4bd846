import type { IncomingMessage } from 'node:http';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { Answering } from '../plain/answering.ts';
import { type AskedRequest, PlainRequest } from '../plain/plain-request.ts';
import { nevermind, whenGone } from './answers-in-line.ts';
import { discardRest } from './discard-rest.ts';
import { earlyLinks } from './early-links.ts';
import { hadNoConnection, passProblem } from './pass-problem.ts';
import type { Passed, PassTarget } from './passed.ts';
import { type BodyForm, bodyOf, requestHead } from './request-head.ts';
import { writeEnd, writeHead, writePiece } from './request-writing.ts';
import { type ResponseHead, withoutTrailer } from './response-head.ts';
import type { Upstream, Waiting } from './upstream.ts';
import type { Exchange, UpstreamConnection } from './upstream-connection.ts';

/** May be sent again when nobody knows whether it arrived (RFC 9110, 9.2.2). */
const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** Of an answer that goes out as one text with its headers. */
const smallBytes = 8_192;

/** One request on its way to a service, and its answer on the way back. */
export class PassExchange implements Exchange, Waiting {
  readonly bodiless: boolean;
  readonly switched: Exchange['switched'] = null;
  deadline = 0;
  protected readonly request: AskedRequest;
  protected readonly response: Answering;
  protected readonly target: PassTarget;
  protected upstream: Upstream;
  protected readonly resolve: (passed: Passed) => void;
  readonly #reject: (problem: PloinkyError) => void;
  readonly #body: BodyForm;
  /** The body of the request, where it was here at once. */
  readonly #whole: Buffer | null;
  /** Of the body that is still to be read. */
  readonly #stream: IncomingMessage | null;
  #connection: UpstreamConnection | null = null;
  #refusing: Set<Upstream> | null = null;
  #requestDone: boolean;
  #answerDone = false;
  #settled = false;
  #written = false;
  #draining = false;
  /** Other answers of the connection come before this one. */
  #inLine = false;
  /** Of the answer, where it was said. */
  #length = -1;
  /** A whole answer that came at once. */
  #small: Buffer | null = null;
  #requestBytes = 0;
  #responseBytes = 0;

  constructor(
    request: IncomingMessage | PlainRequest,
    response: Answering,
    target: PassTarget,
    resolve: (passed: Passed) => void,
    reject: (problem: PloinkyError) => void,
  ) {
    this.request = request;
    this.response = response;
    this.target = target;
    this.upstream = target.upstream;
    this.resolve = resolve;
    this.#reject = reject;
    this.bodiless = request.method === 'HEAD';
    this.#body = bodyOf(request);
    this.#whole = request instanceof PlainRequest ? request.body : null;
    this.#stream = request instanceof PlainRequest ? null : request;
    this.#requestDone = this.#body === 'none' || this.#stream === null;
  }

  send(): void {
    const { request, response } = this;
    response.on('close', this.#onClose);
    // A response that still waits for those before it is not told when their connection ends.
    if (response.socket === null) {
      this.#inLine = true;
      whenGone(request.socket, this.#onClose);
    }
    this.#connect(this.upstream.take(repeatable.has(request.method ?? '')));
  }

  #connect(connection: UpstreamConnection): void {
    const { upstream } = this;
    this.#connection = connection;
    connection.begin(this);
    const whole = this.#whole;
    if (whole !== null) this.#requestBytes = whole.length;
    writeHead(connection.socket, requestHead(this.request, this.target, this.upgrade), whole);
    const { connecting } = connection.socket;
    // Whoever asks first whether to send its body waits for the service too.
    if (this.#requestDone || connecting || this.request.headers.expect !== undefined) upstream.expect(this);
    if (this.#requestDone) return;
    // A body that nobody began to read can go to another one when this one refuses.
    if (connecting) connection.socket.once('connect', this.#onConnect);
    else this.#readBody();
  }

  readonly #onConnect = () => {
    if (this.#settled || this.#connection === null) return;
    if (this.request.headers.expect === undefined) this.upstream.expectNoMore(this);
    this.#readBody();
  };

  #readBody(): void {
    this.#stream?.on('data', this.#onRequestData);
    this.#stream?.on('end', this.#onRequestEnd);
  }

  /** The protocol that is asked for; null for HTTP as it is. */
  protected get upgrade(): string | null {
    return null;
  }

  readonly #onRequestData = (bytes: Buffer) => {
    const socket = this.#connection?.socket;
    if (!socket?.writable) return;
    this.#requestBytes += bytes.length;
    if (writePiece(socket, bytes, this.#body)) return;
    this.#stream?.pause();
    if (!this.response.headersSent) this.upstream.expect(this);
  };

  readonly #onRequestEnd = () => {
    this.#requestDone = true;
    if (this.#body === 'chunked' && this.#connection !== null) writeEnd(this.#connection.socket, this.#stream);
    if (!this.response.headersSent) this.upstream.expect(this);
  };

  drained(): void {
    const stream = this.#stream;
    if (!stream?.isPaused()) return;
    if (!this.#requestDone) this.upstream.expectNoMore(this);
    stream.resume();
  }

  information({ status, headers }: ResponseHead): void {
    const { request, response } = this;
    if (request.httpVersionMinor === 0) return;
    if (status === 100) {
      if (!this.#requestDone) this.upstream.expectNoMore(this);
      if (request.headers.expect !== undefined) response.writeContinue();
    }
    if (status !== 103) return;
    const link = earlyLinks(headers);
    if (link.length > 0) response.writeEarlyHints({ link });
  }

  answered(head: ResponseHead): void {
    const { response, request } = this;
    this.upstream.expectNoMore(this);
    if (typeof head.framing === 'number') this.#length = head.framing;
    const toChunks = head.framing === 'chunked' && request.httpVersionMinor > 0 && !this.bodiless;
    // Of a body that was never sent nobody knows where the next request would begin.
    if (!this.#requestDone && request.headers.expect !== undefined) response.shouldKeepAlive = false;
    response.writeHead(head.status, head.reason, toChunks ? head.headers : withoutTrailer(head.headers));
  }

  data(bytes: Buffer): boolean {
    this.#responseBytes += bytes.length;
    if (bytes.length === this.#length && bytes.length <= smallBytes) {
      this.#small = bytes;
      return true;
    }
    this.#written = true;
    if (this.response.write(bytes)) return true;
    // One read may bring many chunks, and all of them wait for the same moment.
    if (!this.#draining) this.response.once('drain', this.#onDrain);
    this.#draining = true;
    return false;
  }

  readonly #onDrain = () => {
    this.#draining = false;
    this.#connection?.socket.resume();
  };

  flushed(): void {
    // An event stream is open although it has told nothing yet.
    if (!this.#written && !this.#answerDone && this.response.headersSent) this.response.flushHeaders();
  }

  ended(trailers: readonly [string, string][]): void {
    const { response, request } = this;
    this.#answerDone = true;
    if (trailers.length > 0 && request.httpVersionMinor > 0) response.addTrailers(trailers as [string, string][]);
    // Before the answer is out: then this exchange is over, and its connection with it.
    const connection = this.#connection;
    this.#connection = null;
    if (connection !== null && this.#requestDone) this.upstream.give(connection);
    // As one string with the headers it is one write of the system in place of a gathered one.
    if (this.#small === null) response.end();
    else response.end(this.#small.toString('latin1'), 'latin1');
    if (connection === null || this.#requestDone) return;
    connection.abandon();
    this.#letGoOfRequest();
  }

  broken(error: Error, silent: boolean): void {
    const { upstream } = this;
    upstream.expectNoMore(this);
    const again = silent && this.#body === 'none' && repeatable.has(this.request.method ?? '');
    const stale = again && (this.#connection?.uses ?? 0) > 1;
    this.#connection = null;
    if (this.#settled) return;
    if (stale) {
      this.#connect(upstream.fresh());
      return;
    }
    // What stands before a container may take a connection for a program that has ended: then it closes it without a word.
    const other = hadNoConnection(error) || (again && this.#refusing === null) ? this.#another(upstream) : null;
    if (other === null) {
      this.#giveUp(passProblem(error));
      return;
    }
    this.upstream = other;
    this.#connect(other.take(repeatable.has(this.request.method ?? '')));
  }

  /** Nothing was sent, so that any method may go to another one. */
  #another(refusing: Upstream): Upstream | null {
    const { instead } = this.target;
    if (instead === undefined || (this.#requestBytes > 0 && this.#whole === null)) return null;
    this.#refusing ??= new Set();
    this.#refusing.add(refusing);
    return instead(this.#refusing);
  }

  timedOut(): void {
    this.#connection?.abandon();
    this.#connection = null;
    const { answerTimeoutMs } = this.upstream;
    const message = `The web service did not begin its answer within ${answerTimeoutMs} ms.`;
    this.#giveUp(new PloinkyError('SERVICE_TIMEOUT', message));
  }

  #giveUp(problem: PloinkyError): void {
    const { response } = this;
    if (this.#settled) return;
    if (!this.#requestDone) this.#letGoOfRequest();
    if (response.headersSent) {
      this.#settle('serviceGone');
      // Without a length or chunks only a reset says that something is missing.
      this.request.socket.resetAndDestroy();
      return;
    }
    this.leave();
    if (!this.#requestDone) response.shouldKeepAlive = false;
    this.#reject(problem);
  }

  /** The connection is no matter of this exchange any more. */
  protected leave(): void {
    this.#settled = true;
    this.#connection = null;
    this.response.off('close', this.#onClose);
    if (this.#inLine) nevermind(this.request.socket, this.#onClose);
  }

  #letGoOfRequest(): void {
    const stream = this.#stream;
    if (stream === null) return;
    stream.off('data', this.#onRequestData);
    stream.off('end', this.#onRequestEnd);
    discardRest(stream);
  }

  readonly #onClose = () => {
    this.upstream.expectNoMore(this);
    const connection = this.#connection;
    this.#connection = null;
    connection?.abandon();
    this.#settle(this.response.writableFinished ? 'whole' : 'clientGone');
  };

  #settle(outcome: Passed['outcome']): void {
    if (this.#settled) return;
    this.leave();
    const { statusCode: status } = this.response;
    this.resolve({ status, requestBytes: this.#requestBytes, responseBytes: this.#responseBytes, outcome });
  }
}
