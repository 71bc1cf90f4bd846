import type { Cancellation } from '../../core/clock/cancellation.ts';

/** Tells the agent's side of a call that its time is up or that it was taken back. */
export class Withdrawal implements Cancellation {
  aborted = false;
  reason: unknown;
  #listeners: (() => void)[] = [];

  abort(timedOut: boolean): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = timedOut ? new DOMException('The time is up.', 'TimeoutError') : new Error('the call was taken back');
    for (const listener of this.#listeners.splice(0)) listener();
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners = this.#listeners.filter((one) => one !== listener);
  }
}
