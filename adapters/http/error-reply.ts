import { type ErrorCode, errorDefinition } from '../../core/errors/catalogue.ts';
import { PloinkyError, problemOf } from '../../core/errors/ploinky-error.ts';

/** The one shape of every error. `message` stands twice: older clients look for it at the top. */
export interface ErrorBody {
  readonly success: false;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint: string | null;
    readonly details?: unknown;
  };
  readonly message: string;
}

export interface ErrorReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorBody;
}

/** What a client is told of anything that was thrown. Total: it never throws itself. */
export function errorReply(thrown: unknown): ErrorReply {
  const error = translate(thrown);
  const { code, message, hint } = problemOf(error);
  const details = error instanceof PloinkyError ? error.details : null;
  const status = errorDefinition(code).status;
  return {
    status,
    headers: retryHeader(status, details),
    body: { success: false, error: { code, message, hint, ...(details === null ? {} : { details }) }, message },
  };
}

/** Not an operational error: belongs into the server's log with its stack. */
export function isDefect(thrown: unknown): boolean {
  return errorReply(thrown).body.error.code === 'INTERNAL';
}

const fromFastify: Readonly<Record<string, [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['BODY_TOO_LARGE', 'The body is over the limit of this server.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['UNSUPPORTED_MEDIA_TYPE', 'The content type of the body cannot be read here.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['INVALID_REQUEST', 'The body is not as long as Content-Length says.'],
  FST_ERR_BAD_URL: ['INVALID_REQUEST', 'The address holds a malformed percent sequence.'],
  FST_ERR_MAX_PARAM_LENGTH: ['INVALID_REQUEST', 'A part of the address is too long.'],
  ECONNRESET: ['INVALID_REQUEST', 'The client closed the connection before the request was complete.'],
};

function translate(thrown: unknown): unknown {
  if (thrown instanceof PloinkyError) return thrown;
  const code = (thrown as { code?: unknown } | null)?.code;
  const known = typeof code === 'string' && Object.hasOwn(fromFastify, code) ? fromFastify[code] : undefined;
  return known ? new PloinkyError(known[0], known[1], { cause: thrown }) : thrown;
}

function retryHeader(status: number, details: unknown): Record<string, string> {
  const seconds = (details as { retryAfterSeconds?: unknown } | null)?.retryAfterSeconds;
  if (typeof seconds === 'number') return { 'retry-after': String(seconds) };
  return status === 429 ? { 'retry-after': '1' } : {};
}

/** For an address that exists, but not for this method. */
export function methodNotAllowed(method: string, allow: readonly string[]): PloinkyError {
  return new PloinkyError('METHOD_NOT_ALLOWED', `${method} is not possible here; use ${allow.join(' or ')}.`, {
    details: { allow },
  });
}
