/** Somebody in this process who has calls or requests under way in containers. */
export interface UnderWay {
  /** How many of them a container is busy with. */
  readonly of: (container: string) => number;
  /** Nothing new goes to that container any more: what is kept open for later may be closed. */
  readonly letGo?: (container: string) => void;
}

/** Somebody in other processes: resolves when nothing is under way there, or `signal` aborts. */
export type IdleElsewhere = (container: string, signal: AbortSignal) => Promise<void>;

interface Waiting {
  readonly container: string;
  readonly resolve: () => void;
}

/** What containers are busy with, for whoever is about to stop one. Whoever waits is woken by what ended, not by a clock. */
export class RequestsUnderWay {
  readonly #here = new Set<UnderWay>();
  readonly #elsewhere = new Set<IdleElsewhere>();
  readonly #waiting = new Set<Waiting>();
  #scheduled = false;

  follow(here: UnderWay): void {
    this.#here.add(here);
  }

  followElsewhere(elsewhere: IdleElsewhere): void {
    this.#elsewhere.add(elsewhere);
  }

  /** Something ended. Called for each request: it must cost nothing while nobody waits. */
  readonly changed = (): void => {
    if (this.#waiting.size === 0 || this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      for (const waiting of this.#waiting) if (this.#of(waiting.container) === 0) waiting.resolve();
    });
  };

  /**
   * Resolves once the container is busy with nothing, here and elsewhere. Nothing new may be sent to it by then: it has to
   * be known as one that stops. Rejects with the reason of `signal`.
   */
  async idle(container: string, signal: AbortSignal): Promise<void> {
    for (const { letGo } of this.#here) letGo?.(container);
    const elsewhere = [...this.#elsewhere].map((each) => each(container, signal));
    await Promise.all([this.#idleHere(container, signal), ...elsewhere]);
    signal.throwIfAborted();
  }

  #of(container: string): number {
    let sum = 0;
    for (const { of } of this.#here) sum += of(container);
    return sum;
  }

  #idleHere(container: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#of(container) === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(waiting);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const waiting = { container, resolve: done };
      this.#waiting.add(waiting);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
