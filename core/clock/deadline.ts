import type { Cancellation } from './cancellation.ts';

/**
 * Does `work` with a signal that aborts when `signal` does, or after `ms` with a TimeoutError. Timer and listener are
 * gone when it is over.
 *
 * In place of `AbortSignal.any([signal, AbortSignal.timeout(ms)])`: there the timeout may be collected as garbage before
 * it fires, and the work waits for ever (nodejs/node#57736).
 */
export async function withDeadline<T>(
  signal: Cancellation,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const follow = () => controller.abort(signal.reason);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  const timer = setTimeout(() => controller.abort(new DOMException('The time is up.', 'TimeoutError')), ms);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', follow);
  }
}
