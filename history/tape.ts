import type { EventEnvelope } from '../core/events/envelope.ts';
import type { FoldedState } from '../core/kernel/store.ts';
import type { Views } from '../projections/views.ts';
import type { Dump } from './dump.ts';
import { type Folded, type Projections, type Touched, WatchedFold } from './watched-fold.ts';

/** An event and what it did. */
export interface Frame extends Folded {
  readonly event: EventEnvelope;
}

/** How many events can be taken back. Entities are shared, so that a frame holds little of its own. */
const mostFrames = 20_000;

/** History that can be wound forward and back, one event at a time. */
export class Tape {
  readonly #fold: WatchedFold;
  readonly #frames: Frame[] = [];
  readonly #most: number;
  /** Frames before it happened, those from it on were taken back. */
  #position = 0;

  constructor(projections: Projections, most = mostFrames) {
    this.#fold = new WatchedFold(projections);
    this.#most = most;
  }

  get views(): Views {
    return this.#fold.store.views as unknown as Views;
  }

  /** The newest frames of the past, at most so many. */
  latest(most: number): readonly Frame[] {
    return this.#frames.slice(Math.max(0, this.#position - most), this.#position);
  }

  /** What was taken back and comes next; undefined at the end of what the tape has seen. */
  get next(): Frame | undefined {
    return this.#frames[this.#position];
  }

  /** Takes over the state before the part that is watched. Only before the first `record`. */
  begin({ seq, hash, state }: { readonly seq: number; readonly hash: string; readonly state: Dump }): void {
    const lists = Object.entries(state).map(([name, entities]) => [name, Object.entries(entities)] as const);
    const entities = Object.fromEntries(lists) as FoldedState['entities'];
    this.#fold.store.restore({ seq, hash, latest: null, entities });
  }

  /** Folds the event after the last one that the tape has seen. */
  record(event: EventEnvelope): Frame {
    const frame = { event, ...this.#fold.fold(event) };
    this.#frames.push(frame);
    this.#position += 1;
    // Many at once: moving the rest costs as much for one.
    if (this.#frames.length > this.#most * 1.5) {
      const dropped = this.#frames.length - this.#most;
      this.#frames.splice(0, dropped);
      this.#position -= dropped;
    }
    return frame;
  }

  /** Does the next event again that was taken back. False where there is none. */
  forward(): boolean {
    const frame = this.next;
    if (!frame) return false;
    for (const { projection, key, after } of frame.touched) this.#put(projection, key, after);
    this.#position += 1;
    return true;
  }

  /** Takes the present event back. False at the beginning. */
  back(): boolean {
    const frame = this.#frames[this.#position - 1];
    if (!frame) return false;
    for (const { projection, key, before } of frame.touched) this.#put(projection, key, before);
    this.#position -= 1;
    return true;
  }

  #put(projection: string, key: string, entity: Touched['before']): void {
    const entities = this.#fold.store.views[projection] as Map<string, object>;
    if (entity === undefined) entities.delete(key);
    else entities.set(key, entity);
  }
}
