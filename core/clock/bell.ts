/** Wakes one waiter; a ring while nobody waits is kept. */
export class Bell {
  #rung = false;
  #wake: ((rung: boolean) => void) | null = null;
  readonly #signal: AbortSignal;
  readonly #stop = () => this.ring();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#stop, { once: true });
  }

  ring(): void {
    this.#rung = true;
    this.#wake?.(true);
  }

  /** True when it rang, false when the time has passed. */
  async wait(ms: number): Promise<boolean> {
    if (!this.#rung && !this.#signal.aborted) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<boolean>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, ms, false);
      });
      clearTimeout(timer);
      this.#wake = null;
    }
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#stop);
  }
}
