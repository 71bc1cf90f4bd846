import type { IncomingMessage, ServerResponse } from 'node:http';
import { peerOf } from '../http/auth/peer.ts';
import { errorReply } from '../http/error-reply.ts';
import { type InnerSocket, peerHeader, peerValue } from '../http/inner-socket.ts';
import { passThrough } from '../http/pass-through/pass-through.ts';
import { Upstream } from '../http/pass-through/upstream.ts';

/** The way of a request to the process that owns the log, for all that a worker does not answer itself. */
export class InnerDoor {
  readonly #inner: InnerSocket;
  readonly #upstream: Upstream;

  constructor(inner: InnerSocket) {
    this.#inner = inner;
    // A deploy that is waited for takes as long as it takes.
    this.#upstream = new Upstream({ socketPath: inner.path }, { answerTimeoutMs: () => 0 });
  }

  async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '/' } = request;
    const inside = { name: peerHeader, value: peerValue(this.#inner, peerOf(request)) };
    try {
      await passThrough(request, response, { upstream: this.#upstream, path: url, prefix: '', withhold: null, inside });
    } catch (error) {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const { status, headers, body } = errorReply(error);
      const type = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
      response.writeHead(status, { ...headers, ...type }).end(JSON.stringify(body));
    }
  }

  close(): void {
    this.#upstream.close();
  }
}
