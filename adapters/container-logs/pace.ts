import type { OutputBudget } from '../engine/output-line.ts';

/** So many seconds' worth may come at once. */
const burstSeconds = 8;

/**
 * How much of an output is kept: bytes a second on average. Once it is used up nothing is kept until there is a second's worth
 * again, so that a flood leaves whole stretches and not every hundredth line.
 */
export class Pace implements OutputBudget {
  readonly #perSecond: () => number;
  readonly #monotonic: () => number;
  #left: number;
  #at: number;
  #closed = false;

  /** @param monotonic milliseconds */
  constructor(perSecond: () => number, monotonic: () => number) {
    this.#perSecond = perSecond;
    this.#monotonic = monotonic;
    this.#left = burstSeconds * perSecond();
    this.#at = monotonic();
  }

  allows(bytes: number): boolean {
    if (!this.#closed && this.#left >= bytes) {
      this.#left -= bytes;
      return true;
    }
    const perSecond = this.#perSecond();
    const now = this.#monotonic();
    this.#left = Math.min(burstSeconds * perSecond, this.#left + ((now - this.#at) / 1_000) * perSecond);
    this.#at = now;
    this.#closed = this.#left < (this.#closed ? Math.max(bytes, perSecond) : bytes);
    if (this.#closed) return false;
    this.#left -= bytes;
    return true;
  }
}
