/** Something that happens at a time. */
export interface Appointment {
  readonly due: number;
  /** Those of one time happen in the order in which they were made. */
  readonly order: number;
  happen: (() => void) | null;
}

/** The next appointment first. */
export class Heap {
  readonly #all: Appointment[] = [];

  get size(): number {
    return this.#all.length;
  }

  peek(): Appointment | undefined {
    return this.#all[0];
  }

  push(one: Appointment): void {
    const all = this.#all;
    let at = all.length;
    all.push(one);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!before(one, all[above] as Appointment)) break;
      all[at] = all[above] as Appointment;
      at = above;
    }
    all[at] = one;
  }

  pop(): Appointment | undefined {
    const all = this.#all;
    const [first] = all;
    const last = all.pop();
    if (first === undefined || last === undefined || all.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= all.length) break;
      if (child + 1 < all.length && before(all[child + 1] as Appointment, all[child] as Appointment)) child += 1;
      if (!before(all[child] as Appointment, last)) break;
      all[at] = all[child] as Appointment;
      at = child;
    }
    all[at] = last;
    return first;
  }
}

function before(a: Appointment, b: Appointment): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
