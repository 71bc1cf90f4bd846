import type { Traffic } from '../http/traffic/traffic.ts';
import type { RequestCount } from './messages.ts';

/** What a worker counts until it tells. */
export class RequestCounts implements Pick<Traffic, 'record'> {
  readonly #counts = new Map<number, { status: number; count: number; totalMs: number }>();

  record(status: number, durationMs: number): void {
    const known = this.#counts.get(status);
    if (!known) {
      this.#counts.set(status, { status, count: 1, totalMs: durationMs });
      return;
    }
    known.count += 1;
    known.totalMs += durationMs;
  }

  /** Since the last time. */
  take(): readonly RequestCount[] {
    const counts = [...this.#counts.values()];
    this.#counts.clear();
    return counts;
  }
}
