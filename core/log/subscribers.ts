import type { EventEnvelope } from '../events/envelope.ts';
import type { Subscription } from './log-port.ts';

export type Listener = (events: readonly EventEnvelope[]) => void;

export interface History {
  /** Seq of the last durable event. */
  headSeq(): number;
  /** From an event to the head, some at a time. */
  pieces(from: number): AsyncIterable<readonly EventEnvelope[]>;
}

/** Those who follow a log. One that throws is told of and goes on being served; the log does not stop for it. */
export class Subscribers {
  readonly #live = new Set<Listener>();
  readonly #history: History;
  readonly #onTrouble: (error: unknown) => void;

  constructor(history: History, onTrouble: (error: unknown) => void) {
    this.#history = history;
    this.#onTrouble = onTrouble;
  }

  /** Events that just became durable. */
  tell(events: readonly EventEnvelope[]): void {
    // A copy: who subscribes inside a listener wants what comes after, and who is closed inside one nothing more.
    for (const listener of [...this.#live]) if (this.#live.has(listener)) this.#call(listener, events);
  }

  add(from: number | undefined, listener: Listener): Subscription & { readonly ready: Promise<void> } {
    // A listener of its own for each subscription, so that the same function may subscribe twice.
    const own: Listener = (events) => listener(events);
    let closed = false;
    const close = () => {
      closed = true;
      this.#live.delete(own);
    };
    if (from === undefined) {
      this.#live.add(own);
      return { close, ready: Promise.resolve() };
    }
    const ready = this.#catchUp(from, own, () => closed);
    ready.catch(() => {});
    return { close, ready };
  }

  /** Reads until nothing is left to read, and goes live in the same turn in which that is seen. */
  async #catchUp(from: number, listener: Listener, closed: () => boolean): Promise<void> {
    let next = Math.max(1, from);
    while (!closed() && next <= this.#history.headSeq()) {
      for await (const piece of this.#history.pieces(next)) {
        if (closed()) return;
        this.#call(listener, piece);
        next = (piece.at(-1)?.seq ?? next) + 1;
      }
    }
    if (!closed()) this.#live.add(listener);
  }

  #call(listener: Listener, events: readonly EventEnvelope[]): void {
    try {
      listener(events);
    } catch (error) {
      this.#onTrouble(error);
    }
  }
}
