/** In place of `node:timers/promises`, on the virtual clock. */
interface Options {
  readonly signal?: AbortSignal;
}

export function setTimeout<T>(ms = 1, value?: T, { signal }: Options = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = globalThis.setTimeout(() => resolve(value as T), ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

export function setImmediate<T>(value?: T): Promise<T> {
  return new Promise((resolve) => {
    globalThis.setImmediate(() => resolve(value as T));
  });
}
