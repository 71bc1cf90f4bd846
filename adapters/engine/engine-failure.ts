import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';

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

/**
 * Both engines pass on what the system said. It says the same of what is no disk: too many watches, control groups or
 * keys.
 */
export function meansDiskFull(words: string): boolean {
  return /no space left on device|disk quota exceeded|ENOSPC/i.test(words) && !/inotify|cgroup|keyring/i.test(words);
}

/** It answered, and did not do it. */
export function isRefusal(error: unknown): error is PloinkyError {
  return isPloinkyError(error, 'ENGINE_FAILED') || isPloinkyError(error, 'ENGINE_DISK_FULL');
}

/** @param what after "cannot", for example `start demo` */
export function engineDiskFull(who: string, what: string, words: string, cause?: unknown): PloinkyError {
  const program = /podman/i.test(who) ? 'podman' : 'docker';
  // Podman writes down what it removes before it removes it.
  const stuck =
    program === 'podman'
      ? ' Where Podman has no room to remove anything, delete another file on that disk first, or remove the container that fills it: `podman ps --all --size`, then `podman rm --force` and its name.'
      : '';
  return new PloinkyError('ENGINE_DISK_FULL', `${who} cannot ${what}, since its disk is full: ${words}`, {
    hint: `See what takes the room with \`${program} system df\`, make some with \`p-cli cloud prune\` or \`${program} system prune\`, then deploy again. What is down is started again by itself, after five minutes at the latest.${stuck}`,
    cause,
  });
}

/** Anything thrown by a call → PloinkyError ENGINE_UNAVAILABLE, ENGINE_DISK_FULL or ENGINE_FAILED. One of ours stays as it is. */
export function engineFailure(who: string, what: string, error: unknown): PloinkyError {
  if (error instanceof PloinkyError) return error;
  const code = (error as Thrown | null)?.code;
  if (statusOf(error) === null && typeof code === 'string' && silent.has(code)) {
    return new PloinkyError('ENGINE_UNAVAILABLE', `${who} does not answer (${code}): ${what}.`, { cause: error });
  }
  const words = engineWords(error);
  if (meansDiskFull(words)) return engineDiskFull(who, what, words, error);
  return new PloinkyError('ENGINE_FAILED', `${who} refused to ${what}: ${words}`, { cause: error });
}
