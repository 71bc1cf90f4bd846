/** Numbers that look like chance: the same seed gives the same ones (Mulberry32). */
export class Chance {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed | 0;
  }

  /** From 0 up to, and without, 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from 0 up to, and without, `limit`. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  among<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

/** The seed of this run: that of `PLOINKY_SEED`, so that a run can be had again, or a new one. */
export function seedOfRun(): number {
  return Number(process.env.PLOINKY_SEED ?? Date.now() % 1_000_000);
}

/** How often, from the environment or as `npm test` does it. */
export function timesOf(name: string, usual: number): number {
  const wanted = Number(process.env[name] ?? usual);
  if (!Number.isSafeInteger(wanted) || wanted < 1) throw new Error(`${name} takes a whole number from 1 on`);
  return wanted;
}
