/** Something that has to end in time. It belongs to at most one `Deadlines`. */
export interface Timed {
  /** In milliseconds of the clock that never jumps. Not to be changed while it is watched. */
  readonly due: number;
  /** Its place among the others; -1 when nobody watches it. */
  place: number;
  /** Called once, when the time is up; it is no longer watched then. */
  expire(): void;
}

/** A timer of Node takes at most this many milliseconds. */
const longestSleepMs = 2 ** 31 - 1;

/**
 * Many deadlines with one timer: a heap by due time. To add one that is due later than all others, and to remove one,
 * takes a few comparisons and allocates nothing.
 */
export class Deadlines {
  readonly #monotonic: () => number;
  readonly #heap: Timed[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** When the timer wakes; it may wake for nothing, but never late. */
  #wakes = Number.POSITIVE_INFINITY;

  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic;
  }

  get size(): number {
    return this.#heap.length;
  }

  add(timed: Timed): void {
    if (timed.place !== -1) throw new Error('it is watched already');
    timed.place = this.#heap.length;
    this.#heap.push(timed);
    this.#rise(timed);
    if (timed.due < this.#wakes) this.#sleepUntil(timed.due);
  }

  /** Nothing happens when nobody watches it. */
  remove(timed: Timed): void {
    const { place } = timed;
    if (place === -1 || this.#heap[place] !== timed) return;
    timed.place = -1;
    const last = this.#heap.pop() as Timed;
    if (last === timed) return;
    this.#put(last, place);
    this.#rise(last);
    this.#sink(last);
  }

  /** What is still watched never expires. */
  close(): void {
    clearTimeout(this.#timer);
    this.#wakes = Number.POSITIVE_INFINITY;
    for (const timed of this.#heap.splice(0)) timed.place = -1;
  }

  #sleepUntil(due: number): void {
    clearTimeout(this.#timer);
    this.#wakes = due;
    const ms = Math.min(Math.max(0, Math.ceil(due - this.#monotonic())), longestSleepMs);
    this.#timer = setTimeout(() => this.#wake(), ms).unref();
  }

  #wake(): void {
    this.#wakes = Number.POSITIVE_INFINITY;
    const now = this.#monotonic();
    for (let first = this.#heap[0]; first && first.due <= now; first = this.#heap[0]) {
      this.remove(first);
      first.expire();
    }
    const [next] = this.#heap;
    // What expired may have added some that are due earlier, and thereby set the timer.
    if (next && next.due < this.#wakes) this.#sleepUntil(next.due);
  }

  #put(timed: Timed, place: number): void {
    this.#heap[place] = timed;
    timed.place = place;
  }

  #rise(timed: Timed): void {
    while (timed.place > 0) {
      const { place } = timed;
      const above = (place - 1) >> 1;
      const parent = this.#heap[above] as Timed;
      if (parent.due <= timed.due) return;
      this.#put(parent, place);
      this.#put(timed, above);
    }
  }

  #sink(timed: Timed): void {
    for (;;) {
      const { place } = timed;
      const left = this.#heap[2 * place + 1];
      const right = this.#heap[2 * place + 2];
      const child = right && left && right.due < left.due ? right : left;
      if (!child || child.due >= timed.due) return;
      const below = child.place;
      this.#put(child, place);
      this.#put(timed, below);
    }
  }
}
