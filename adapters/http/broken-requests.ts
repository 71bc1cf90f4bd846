import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { errorReply } from './error-reply.ts';

/** The answer of a connection that is being made. */
const underWay = new WeakMap<Duplex, ServerResponse>();

/** To be told of every request, so that broken bytes behind it do not cut off its answer. */
export function noteAnswer(request: IncomingMessage, response: ServerResponse): void {
  underWay.set(request.socket, response);
}

/** Connections whose last answer is made: whatever else comes over them is nobody's. */
const over = new WeakSet<Duplex>();

export function noteLastAnswer(socket: Duplex): void {
  over.add(socket);
}

/**
 * For bytes that are no HTTP. Some clients send the body of a DELETE without saying its length: the request is
 * whole and its answer is due, and only then does the connection end.
 */
export function answerBroken(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (over.has(socket)) {
    (socket as Socket).destroySoon();
    return;
  }
  const response = underWay.get(socket);
  const answering = response !== undefined && !response.writableFinished && !response.destroyed;
  if (answering && response.req.complete) {
    response.shouldKeepAlive = false;
    response.once('finish', () => (socket as Socket).destroySoon());
    return;
  }
  // An answer that waits for the rest of a broken body will never come; one that has begun cannot be replaced.
  if (error.code === 'ECONNRESET' || !socket.writable || (answering && response.headersSent)) {
    socket.destroy();
    return;
  }
  const { status, body } = errorReply(translate(error));
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'x-content-type-options: nosniff',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy());
}

function translate(error: NodeJS.ErrnoException): PloinkyError {
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    return new PloinkyError('HEADERS_TOO_LARGE', 'The headers of the request are over the limit of this server.');
  }
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new PloinkyError('REQUEST_TIMEOUT', 'The request did not arrive in time.');
  }
  return new PloinkyError('INVALID_REQUEST', 'The request is not valid HTTP.');
}
