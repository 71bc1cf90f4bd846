/** Failures after which an address waits, and for how long. */
const allowed = 10;
const windowMs = 60_000;
/** Addresses remembered; beyond it the oldest are forgotten, so that memory stays bounded. */
const remembered = 10_000;

/** Slows down whoever tries keys. Successes are never counted. */
export class LoginLimiter {
  readonly #failures = new Map<string, { count: number; until: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Seconds that the address has to wait, 0 when it may try. */
  waitSeconds(address: string): number {
    const entry = this.#failures.get(address);
    if (!entry || entry.count < allowed) return 0;
    return Math.max(0, Math.ceil((entry.until - this.#now()) / 1000));
  }

  failed(address: string): void {
    const now = this.#now();
    const entry = this.#failures.get(address);
    const open = entry && entry.until > now ? entry : { count: 0, until: now + windowMs };
    const count = open.count + 1;
    const until = count >= allowed ? now + windowMs : open.until;
    this.#failures.delete(address);
    this.#failures.set(address, { count, until });
    if (this.#failures.size > remembered) {
      const oldest = this.#failures.keys().next().value;
      if (oldest !== undefined) this.#failures.delete(oldest);
    }
  }
}
