const windowMs = 60_000;
/** Messages with a good proof that one repository may send in a minute: whoever has one could send it again and again. */
const mostPerWindow = 60;

/** How many messages each repository sent within a minute. */
export class WebhookPace {
  readonly #now: () => number;
  readonly #windows = new Map<string, { since: number; count: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Seconds to wait; 0 = it may pass, and is counted. */
  waitSeconds(repository: string): number {
    const now = this.#now();
    const known = this.#windows.get(repository);
    if (!known || now - known.since >= windowMs || now < known.since) {
      this.#windows.set(repository, { since: now, count: 1 });
      return 0;
    }
    if (known.count >= mostPerWindow) return Math.ceil((known.since + windowMs - now) / 1_000);
    known.count += 1;
    return 0;
  }
}
