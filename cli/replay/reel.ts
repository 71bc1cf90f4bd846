import type { EventEnvelope } from '../../core/events/envelope.ts';

/** Events one after the other, with a look at the next. */
export class Reel {
  readonly #events: AsyncIterator<EventEnvelope>;
  #next: Promise<EventEnvelope | undefined> | undefined;

  constructor(events: AsyncIterable<EventEnvelope>) {
    this.#events = events[Symbol.asyncIterator]();
  }

  /** Undefined at the end. */
  peek(): Promise<EventEnvelope | undefined> {
    this.#next ??= this.#events.next().then(({ done, value }) => (done ? undefined : value));
    return this.#next;
  }

  async take(): Promise<EventEnvelope | undefined> {
    const event = await this.peek();
    if (event) this.#next = undefined;
    return event;
  }

  async close(): Promise<void> {
    await this.#events.return?.();
  }
}
