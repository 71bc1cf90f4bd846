/** Tells releases that are about to choose what they are made of that something is just being removed. */
export class Removals {
  #current: Promise<unknown> = Promise.resolve();

  /** Begins at once: whoever asks `idle` afterwards waits for its end. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = work();
    this.#current = Promise.allSettled([this.#current, result]);
    return result;
  }

  async idle(): Promise<void> {
    await this.#current;
  }
}
