import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { PlainHead } from './plain-head.ts';

/** What is asked of a request before its body, whoever read it. */
export type AskedRequest = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'httpVersionMinor' | 'socket'> & {
  /** Name, value, name, value, …, as they came. */
  readonly rawHeaders: readonly string[];
  /** Nothing of it is still to come. */
  readonly complete: boolean;
};

/** A request that came whole and in one piece. */
export class PlainRequest implements AskedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly httpVersionMinor = 1;
  readonly complete = true;
  readonly socket: Socket;
  /** null for none. */
  readonly body: Buffer | null;

  constructor({ method, url, headers, rawHeaders }: PlainHead, body: Buffer | null, socket: Socket) {
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.rawHeaders = rawHeaders;
    this.body = body;
    this.socket = socket;
  }
}
