import type { IncomingMessage, ServerResponse } from 'node:http';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { noteLastAnswer } from './broken-requests.ts';
import { errorReply } from './error-reply.ts';

/** Lines of a header section. More than this no browser or program sends. */
const mostHeaders = 100;

const hostForm = /^[A-Za-z0-9_.\-[\]:]{1,300}$/;

/**
 * Why a request is refused although Node's parser took it, or null. Node refuses by itself: lengths that conflict or
 * repeat, bare LF and CR, folded lines, control characters, a space before a colon, a missing Host, chunks that are not
 * as long as they say. What is left here is what two servers in a row could understand differently.
 */
export function strictProblem(request: IncomingMessage): PloinkyError | null {
  const { url = '', method, rawHeaders, httpVersionMajor: major, httpVersionMinor: minor } = request;
  if (major !== 1 || minor > 1) return refused('This server speaks HTTP/1.1 and HTTP/1.0 only.');
  // Another host in the address than in Host is two answers to the question whom it is for.
  if (url[0] !== '/') return refused('The address of a request begins with a slash.');
  if (url.includes('#')) return refused('The address holds a fragment, which never leaves a browser.');
  if (method === 'TRACE' || method === 'CONNECT') {
    return new PloinkyError('METHOD_NOT_ALLOWED', `${method} is not possible here.`);
  }
  if (rawHeaders.length > 2 * mostHeaders) {
    return new PloinkyError('HEADERS_TOO_LARGE', `The request has more than ${mostHeaders} headers.`);
  }
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  const { host } = request.headers;
  if (host !== undefined && !hostForm.test(host)) return refused('The Host header names no host.');
  if (hosts > 1) return refused('The request names its host twice.');
  const encoding = request.headers['transfer-encoding'];
  if (encoding !== undefined && (minor === 0 || encoding.toLowerCase() !== 'chunked')) {
    return refused('A body can be sent in chunks of HTTP/1.1, and in no other transfer encoding.');
  }
  return null;
}

function refused(message: string): PloinkyError {
  return new PloinkyError('INVALID_REQUEST', message);
}

/** Nobody can say where the next request on this connection would begin: it ends here. */
export function refuseRequest(problem: PloinkyError, { socket }: IncomingMessage, response: ServerResponse): void {
  noteLastAnswer(socket);
  const { status, body } = errorReply(problem);
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(text);
}
