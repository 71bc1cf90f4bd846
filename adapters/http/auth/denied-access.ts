/** What is recorded of refused requests. */
export interface Denial {
  readonly method: string;
  /** The pattern of the route, never the address as it came: that could hold anything. */
  readonly route: string;
  readonly reason: string;
  readonly count: number;
}

const intervalMs = 1000;

/**
 * Counts refused requests and reports at most once a second, so that whoever knocks often cannot fill the log.
 */
export class DeniedAccess {
  readonly #report: (denial: Denial) => void;
  #waiting: Denial | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(report: (denial: Denial) => void) {
    this.#report = report;
  }

  /** Refusals counted but not reported yet. */
  get pending(): number {
    return this.#waiting?.count ?? 0;
  }

  /** @param count where several of the same kind are told at once */
  note(method: string, route: string, reason: string, count = 1): void {
    if (!this.#timer) {
      this.#report({ method, route, reason, count });
      this.#timer = setTimeout(() => this.#next(), intervalMs);
      this.#timer.unref();
      return;
    }
    const before = this.#waiting;
    this.#waiting = before
      ? {
          method: same(before.method, method),
          route: same(before.route, route),
          reason: same(before.reason, reason),
          count: before.count + count,
        }
      : { method, route, reason, count };
  }

  /** Reports what waits. */
  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waiting) this.#report(this.#waiting);
    this.#waiting = null;
  }

  #next(): void {
    this.#timer = null;
    const waiting = this.#waiting;
    if (!waiting) return;
    this.#waiting = null;
    this.#report(waiting);
    this.#timer = setTimeout(() => this.#next(), intervalMs);
    this.#timer.unref();
  }
}

function same(a: string, b: string): string {
  return a === b ? a : '(several)';
}
