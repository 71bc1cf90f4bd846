import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { type AskedRequest, PlainRequest } from '../plain/plain-request.ts';

/** @throws PloinkyError BODY_TOO_LARGE for a body that says itself that it is */
export function refuseLarge({ headers }: Pick<AskedRequest, 'headers'>, limit: number): void {
  if (Number(headers['content-length'] ?? 0) > limit) throw tooLarge();
}

/**
 * The body as text; null when there is none.
 * @param limit bytes
 * @throws PloinkyError BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE for bytes that are no text, INVALID_REQUEST when the client
 * went away before the end of it
 */
export async function readBody(request: IncomingMessage | PlainRequest, limit: number): Promise<string | null> {
  const { headers } = request;
  const length = headers['content-length'];
  const chunked = headers['transfer-encoding'] !== undefined;
  if (!chunked && (length === undefined || length === '0')) return null;
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new PloinkyError('UNSUPPORTED_MEDIA_TYPE', 'A compressed body cannot be read here.');
  }
  if (request instanceof PlainRequest) return request.body && textOf(request.body);
  if (!chunked) {
    // What came in one piece with the head, as nearly every call does, is here after this. Taking it costs a fraction of
    // the stream's events.
    await Promise.resolve();
    const size = request.readableLength;
    if (size === Number(length) && size <= limit) {
      const bytes = request.read() as Buffer | null;
      if (bytes !== null) return textOf(bytes);
    }
  }
  const bytes = await wholeBody(request, limit);
  return bytes.length === 0 ? null : textOf(bytes);
}

function wholeBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.removeAllListeners('data');
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', (cause) => {
      reject(
        new PloinkyError('INVALID_REQUEST', 'The client closed the connection before the request was complete.', {
          cause,
        }),
      );
    });
  });
}

function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new PloinkyError('UNSUPPORTED_MEDIA_TYPE', 'The body is not UTF-8 text.');
}

function tooLarge(): PloinkyError {
  return new PloinkyError('BODY_TOO_LARGE', 'The body is over the limit of this server.');
}
