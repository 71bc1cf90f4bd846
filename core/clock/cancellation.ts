/**
 * Tells those who work on something that it is no longer wanted. An AbortSignal is one; where there is one for each call, an
 * object of the caller's own costs a fraction of it.
 */
export interface Cancellation {
  readonly aborted: boolean;
  /** Why; a `TimeoutError` when its time is up. */
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** For libraries that want an AbortSignal. What it listens with is freed with the cancellation. */
export function abortSignalOf(cancellation: Cancellation): AbortSignal {
  if (cancellation instanceof AbortSignal) return cancellation;
  const controller = new AbortController();
  const follow = () => controller.abort(cancellation.reason);
  if (cancellation.aborted) follow();
  else cancellation.addEventListener('abort', follow, { once: true });
  return controller.signal;
}
