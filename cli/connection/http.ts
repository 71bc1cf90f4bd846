import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Until the first byte of the answer, ms. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Sends one request and resolves with the answer's head; its body is still to be read. Not `fetch`: that one ends
 * any answer that takes longer than five minutes to begin.
 * @throws PloinkyError SERVER_UNREACHABLE, SERVER_TIMEOUT
 */
export async function sendRequest(request: HttpRequest): Promise<IncomingMessage> {
  const send = request.url.protocol === 'https:' ? (await import('node:https')).request : httpRequest;
  const options: RequestOptions = {
    method: request.method,
    headers: {
      ...request.headers,
      ...(request.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(request.body)) }),
    },
    // A connection of its own, closed with the answer, so that nothing keeps the process from ending.
    agent: false,
    ...(request.signal ? { signal: request.signal } : {}),
  };
  return new Promise((resolve, reject) => {
    const message = send(request.url, options);
    const timer = setTimeout(() => {
      message.destroy(
        new PloinkyError(
          'SERVER_TIMEOUT',
          `${request.url.origin} did not answer within ${request.timeoutMs / 1000} s.`,
        ),
      );
    }, request.timeoutMs);
    message.once('response', (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    message.once('error', (error) => {
      clearTimeout(timer);
      reject(connectionError(error, request));
    });
    message.end(request.body);
  });
}

function connectionError(error: Error, request: HttpRequest): Error {
  if (error instanceof PloinkyError || request.signal?.aborted) return error;
  return new PloinkyError('SERVER_UNREACHABLE', `Nothing answers at ${request.url.origin} (${reasonOf(error)}).`, {
    cause: error,
  });
}

/** An attempt on IPv6 and IPv4 fails with one error for each and an empty message of its own. */
function reasonOf(error: Error & { code?: string; errors?: readonly Error[] }): string {
  if (error.code === 'ECONNREFUSED') return 'connection refused';
  if (error.code === 'ENOTFOUND') return 'unknown host name';
  if (error.code === 'ECONNRESET') return 'the connection was closed';
  return error.message || error.errors?.[0]?.message || error.code || 'no reason given';
}
