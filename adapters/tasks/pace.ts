/** So many of the last ends are looked at. */
const remembered = 32;
const longestWaitSeconds = 3_600;

/** How quickly the calls of a deployment come to their ends, from the last few of them. */
export class Pace {
  readonly #ends = new Float64Array(remembered);
  #count = 0;

  /** @param now milliseconds of the clock that never jumps */
  note(now: number): void {
    this.#ends[this.#count % remembered] = now;
    this.#count += 1;
  }

  /**
   * In how many whole seconds so many calls will have ended if it goes on like this: 1 at least, an hour at most, and 1 where
   * too little is known. Time that passed without an end counts, so that an agent that hangs is not told to be quick.
   */
  secondsFor(calls: number, now: number): number {
    const known = Math.min(this.#count, remembered);
    if (known === 0) return 1;
    const oldest = this.#ends[(this.#count - known) % remembered] as number;
    const perCall = Math.max(0, now - oldest) / known;
    return Math.min(longestWaitSeconds, Math.max(1, Math.ceil((calls * perCall) / 1_000)));
  }
}
