import { isPloinkyError, PloinkyError } from '../errors/ploinky-error.ts';

/** What LevelDB or the system said, whichever wrapper it came in. */
export function reasonOf(error: unknown): { code: string | null; message: string } {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  const { code, message } = innermost as { code?: unknown; message?: unknown };
  return { code: typeof code === 'string' ? code : null, message: String(message ?? innermost) };
}

export function isDiskFull(error: unknown): boolean {
  return /No space left on device|ENOSPC|Disk quota exceeded/i.test(reasonOf(error).message);
}

/** LOG_WRITE_FAILED or DISK_FULL. */
export function writeFailure(error: unknown): PloinkyError {
  if (isPloinkyError(error)) return error;
  if (isDiskFull(error)) {
    return new PloinkyError('DISK_FULL', 'The event log could not be written: no space is left.', { cause: error });
  }
  const { message } = reasonOf(error);
  const text = `The event log could not be written: ${message}. Whether the events were stored is not known yet.`;
  return new PloinkyError('LOG_WRITE_FAILED', text, { cause: error });
}

/** LOG_DAMAGED where LevelDB finds its files wrong, LOG_UNREADABLE for what is wrong with disk or permissions. */
export function readFailure(error: unknown, place = 'The event log'): PloinkyError {
  if (isPloinkyError(error)) return error;
  const { code, message } = reasonOf(error);
  // A file that LevelDB counts on and that is gone is damage; one that may not be opened is not.
  const damaged =
    code === 'LEVEL_CORRUPTION' ||
    /No such file|does not exist|Not a directory|Is a directory|Invalid argument/i.test(message);
  const text = `${place} cannot be read: ${message}.`;
  return new PloinkyError(damaged ? 'LOG_DAMAGED' : 'LOG_UNREADABLE', text, { cause: error });
}

export function closedError(): PloinkyError {
  return new PloinkyError('LOG_CLOSED', 'The event log is closed.');
}
