import type { EventEnvelope } from '../events/envelope.ts';
import type { Subscription } from './log-port.ts';

export type Listener = (events: readonly EventEnvelope[]) => void;

export interface History {
  /** Seq of the last durable event. */
  headSeq(): number;
  read(from: number): AsyncIterable<EventEnvelope>;
}

/** History is handed on in pieces of this many events. */
const pieceSize = 1_000;

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
    for (const listener of this.#live) this.#call(listener, events);
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
      let piece: EventEnvelope[] = [];
      for await (const event of this.#history.read(next)) {
        if (closed()) return;
        piece.push(event);
        next = event.seq + 1;
        if (piece.length < pieceSize) continue;
        this.#call(listener, piece);
        piece = [];
      }
      if (piece.length > 0 && !closed()) this.#call(listener, piece);
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
