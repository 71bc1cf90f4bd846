/** Requests of one minute. Durations in milliseconds. */
export interface Minute {
  /** Minutes since 1970. */
  readonly minute: number;
  requests: number;
  errors: number;
  totalMs: number;
  readonly statusCodes: Map<number, number>;
}

const remembered = 24 * 60;

/**
 * Requests of this process, whatever they were for: by minute for the last 24 hours, and in sum. What agents were
 * asked to do is in the log instead and outlives the process.
 */
export class Traffic {
  readonly #minutes: Minute[] = [];
  readonly #now: () => number;
  requests = 0;
  /** Answers of 400 and above. */
  errors = 0;
  unauthorized = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  record(status: number, durationMs: number): void {
    this.add(status, 1, durationMs);
  }

  /** Several with the same status, which another process of this server answered. `totalMs` of all together. */
  add(status: number, count: number, totalMs: number): void {
    const current = this.#current();
    this.requests += count;
    current.requests += count;
    current.totalMs += totalMs;
    if (status >= 400) {
      this.errors += count;
      current.errors += count;
      if (status === 401) this.unauthorized += count;
    }
    current.statusCodes.set(status, (current.statusCodes.get(status) ?? 0) + count);
  }

  /** Oldest first. `since` in milliseconds since 1970. */
  minutes(since: number): readonly Minute[] {
    const first = Math.floor(since / 60_000);
    return this.#minutes.filter((entry) => entry.minute >= first);
  }

  #current(): Minute {
    const minute = Math.floor(this.#now() / 60_000);
    const last = this.#minutes.at(-1);
    // A clock that was set back goes on in the last minute, so that the order holds.
    if (last && last.minute >= minute) return last;
    const fresh = { minute, requests: 0, errors: 0, totalMs: 0, statusCodes: new Map() };
    this.#minutes.push(fresh);
    if (this.#minutes.length > remembered) this.#minutes.shift();
    return fresh;
  }
}
