import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { errorReply } from './error-reply.ts';

/** The answer that is being made on a connection. */
const underWay = new WeakMap<Duplex, ServerResponse>();

/** To be told of every request, so that broken bytes behind it do not cut off its answer. */
export function noteAnswer(request: IncomingMessage, response: ServerResponse): void {
  underWay.set(request.socket, response);
}

/**
 * For bytes that are no HTTP. Some clients send the body of a DELETE without saying its length: the request is
 * whole and its answer is due, and only then does the connection end.
 */
export function answerBroken(error: NodeJS.ErrnoException, socket: Duplex): void {
  const response = underWay.get(socket);
  if (response && !response.writableFinished && !response.destroyed) {
    response.shouldKeepAlive = false;
    response.once('finish', () => (socket as Socket).destroySoon());
    return;
  }
  if (error.code === 'ECONNRESET' || !socket.writable) {
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
