import type { IncomingMessage } from 'node:http';
import { answerBroken } from './broken-requests.ts';

/** Requests whose body may take as long as it needs: whoever takes it has a use for every byte. */
const unhurried = new WeakSet<IncomingMessage>();

/** For uploads that are passed on: neither their length nor the time they take is known. */
export function letTakeItsTime(request: IncomingMessage): void {
  unhurried.add(request);
}

/** Cuts off clients that do not finish a body. One timer for all; none while there is no body under way. */
export class BodyDeadlines {
  readonly #ms: number;
  readonly #due = new Map<IncomingMessage, number>();
  /** Of this turn of the event loop. Most are whole before its end; to remember those would keep them from being freed. */
  #fresh: IncomingMessage[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(ms: number) {
    this.#ms = ms;
  }

  watch(request: IncomingMessage): void {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    if (encoding === undefined && (length === undefined || length === '0')) return;
    if (this.#fresh.length === 0) setImmediate(() => this.#keep());
    this.#fresh.push(request);
  }

  #keep(): void {
    const due = performance.now() + this.#ms;
    for (const request of this.#fresh) if (!request.complete && !request.destroyed) this.#due.set(request, due);
    this.#fresh = [];
    if (this.#due.size === 0 || this.#timer !== null) return;
    this.#timer = setInterval(() => this.#look(), Math.min(2_000, this.#ms / 4));
    this.#timer.unref();
  }

  #look(): void {
    const now = performance.now();
    for (const [request, due] of this.#due) {
      if (!request.complete && !request.destroyed && !unhurried.has(request)) {
        // Those behind it began later.
        if (due > now) break;
        const timeout = Object.assign(new Error('the body did not arrive in time'), {
          code: 'ERR_HTTP_REQUEST_TIMEOUT',
        });
        answerBroken(timeout, request.socket);
      }
      this.#due.delete(request);
    }
    if (this.#due.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
