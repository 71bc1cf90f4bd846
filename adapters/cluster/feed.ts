import type { EventEnvelope } from '../../core/events/envelope.ts';

/** How a follower is reached. */
export interface FollowerLink {
  /** Events arrive in this order, once. */
  readonly send: (events: readonly EventEnvelope[]) => void;
  /** It did not fold in time. It is to be ended, and `gone` called when it has. */
  readonly onLate: () => void;
}

/** How long a command waits for a follower before that is ended, in ms. */
export const foldedWithinMs = 5_000;

/**
 * The events that other processes fold, and how far each of them is. A command is answered when all that serve have folded
 * what it made: so whoever asks any of them afterwards sees it.
 */
export class Feed {
  readonly #types: ReadonlySet<string>;
  readonly #withinMs: number;
  readonly #followers = new Set<Follower>();

  /** @param types of events that followers fold; all others stay here */
  constructor(types: Iterable<string>, withinMs = foldedWithinMs) {
    this.#types = new Set(types);
    this.#withinMs = withinMs;
  }

  /** To be called with what was just folded here, before anything else can happen. */
  publish(events: readonly EventEnvelope[]): void {
    if (this.#followers.size === 0) return;
    const concerned = events.filter(({ type }) => this.#types.has(type));
    const last = concerned.at(-1);
    if (!last) return;
    for (const follower of this.#followers) follower.send(concerned, last.seq);
  }

  /** @param from last event in the state that the follower begins with */
  join(link: FollowerLink, from: number): Follower {
    const follower: Follower = new Follower(link, from, () => this.#followers.delete(follower));
    this.#followers.add(follower);
    return follower;
  }

  /** Resolves when every follower that serves has folded what was published so far, or is gone. Never rejects. */
  async caughtUp(): Promise<void> {
    let behind: Promise<void>[] | undefined;
    for (const follower of this.#followers) {
      if (!follower.serving || !follower.behind) continue;
      behind ??= [];
      behind.push(follower.whenFolded(this.#withinMs));
    }
    if (behind) await Promise.all(behind);
  }
}

/** One process that folds along. */
export class Follower {
  readonly #link: FollowerLink;
  readonly #leave: () => void;
  #sent: number;
  #folded: number;
  #serving = false;
  #waiting: { readonly seq: number; readonly done: () => void }[] = [];

  constructor(link: FollowerLink, from: number, leave: () => void) {
    this.#link = link;
    this.#leave = leave;
    this.#sent = from;
    // Not even the state that it begins with.
    this.#folded = -1;
  }

  /** It may be given requests: since it has once folded all that there was, no command is answered without it. */
  get serving(): boolean {
    return this.#serving;
  }

  get behind(): boolean {
    return this.#folded < this.#sent;
  }

  send(events: readonly EventEnvelope[], last: number): void {
    this.#sent = last;
    this.#link.send(events);
  }

  /** It says that it has folded everything up to there. */
  folded(seq: number): void {
    if (seq > this.#folded) this.#folded = seq;
    if (!this.behind) this.#serving = true;
    this.#waiting = this.#waiting.filter((one) => {
      if (one.seq > this.#folded) return true;
      one.done();
      return false;
    });
  }

  /** It has ended and answers nobody any more. */
  gone(): void {
    this.#serving = false;
    this.#leave();
    for (const { done } of this.#waiting.splice(0)) done();
  }

  whenFolded(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#link.onLate(), withinMs);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.push({ seq: this.#sent, done });
    });
  }
}
