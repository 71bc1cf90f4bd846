import type { Priority } from '../../core/events/task-events.ts';
import { Pace } from './pace.ts';

export interface Queued {
  readonly priority: Priority;
}

const order = ['urgent', 'normal', 'low'] as const;

/**
 * The calls of one deployment: how many run, and which wait. Urgent ones have their turn before normal ones and those
 * before low ones; within a priority the one that came first is first.
 */
export class Lane<T extends Queued> {
  #running = 0;
  #promised = 0;
  /** A Set keeps the order of arrival, and lets one in the middle go at once. */
  readonly #queues: Readonly<Record<Priority, Set<T>>> = { urgent: new Set(), normal: new Set(), low: new Set() };
  readonly #pace = new Pace();

  get running(): number {
    return this.#running;
  }

  /** Those whose place was promised are among them. */
  get waiting(): number {
    const { urgent, normal, low } = this.#queues;
    return this.#promised + urgent.size + normal.size + low.size;
  }

  get idle(): boolean {
    return this.#running === 0 && this.waiting === 0;
  }

  begin(): void {
    this.#running += 1;
  }

  /** @param now milliseconds of the clock that never jumps */
  end(now: number): void {
    this.#running -= 1;
    this.#pace.note(now);
  }

  /** It was never handed over, so it says nothing of the pace. */
  withdraw(): void {
    this.#running -= 1;
  }

  /** Keeps a place for one that is not durable yet. */
  promise(): void {
    this.#promised += 1;
  }

  /** Gives a promised place back. */
  forgo(): void {
    this.#promised -= 1;
  }

  join(one: T): void {
    this.#queues[one.priority].add(one);
  }

  /** False when it did not wait here. */
  leave(one: T): boolean {
    return this.#queues[one.priority].delete(one);
  }

  /** Whose turn is next; it stays until it leaves. */
  first(): T | undefined {
    for (const priority of order) {
      const queue = this.#queues[priority];
      if (queue.size > 0) return queue.values().next().value;
    }
    return undefined;
  }

  /** When a call that cannot be accepted now could be: those that wait have gone then. */
  retryAfterSeconds(now: number): number {
    return this.#pace.secondsFor(this.waiting + 1, now);
  }
}
