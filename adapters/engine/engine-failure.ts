import { PloinkyError } from '../../core/errors/ploinky-error.ts';

/** What dockerode throws: an answer with a status, or an error of the connection with a code of the system. */
interface Thrown {
  readonly statusCode?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly json?: unknown;
}

/** Connection errors after which nothing is known but that nobody answered. */
const silent = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EACCES', 'EPERM', 'ENOTFOUND', 'ETIMEDOUT']);

/** HTTP status of the engine's refusal, null when there was none. */
export function statusOf(error: unknown): number | null {
  const status = (error as Thrown | null)?.statusCode;
  return typeof status === 'number' ? status : null;
}

/** What the engine itself said, in one line of at most 500 characters. */
export function engineWords(error: unknown): string {
  const thrown = (error ?? {}) as Thrown;
  const body = thrown.json as { message?: unknown; cause?: unknown } | null | undefined;
  const words = typeof body?.message === 'string' ? body.message : String(thrown.message ?? error);
  const line = words
    .replace(/^\(HTTP code \d+\) [^-]*- /, '')
    .replace(/[\s\u0000-\u001f\u007f]+/g, ' ')
    .trim();
  return line.length > 500 ? `${line.slice(0, 497)}...` : line;
}

/** Anything thrown by a call → PloinkyError ENGINE_UNAVAILABLE or ENGINE_FAILED. One of ours stays as it is. */
export function engineFailure(who: string, what: string, error: unknown): PloinkyError {
  if (error instanceof PloinkyError) return error;
  const code = (error as Thrown | null)?.code;
  if (statusOf(error) === null && typeof code === 'string' && silent.has(code)) {
    return new PloinkyError('ENGINE_UNAVAILABLE', `${who} does not answer (${code}): ${what}.`, { cause: error });
  }
  return new PloinkyError('ENGINE_FAILED', `${who} refused to ${what}: ${engineWords(error)}`, { cause: error });
}
