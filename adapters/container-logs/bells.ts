/** Tells who reads a log that there is more of it. */
export class Bells {
  readonly #listeners = new Map<string, Set<() => void>>();

  ring(key: string): void {
    for (const listener of this.#listeners.get(key) ?? []) listener();
  }

  ringAll(): void {
    for (const key of this.#listeners.keys()) this.ring(key);
  }

  /** @returns ends it */
  listen(key: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(key, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
    };
  }
}
