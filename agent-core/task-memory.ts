import type { Outcome } from './outcome.ts';

export interface MemoryLimits {
  readonly count: number;
  /** Characters of outcomes, roughly bytes. */
  readonly size: number;
}

/** So many forgotten ids are kept before they are cut off together. */
const cutAfter = 1_024;

/**
 * Outcomes by task id, so that an id is never executed twice and can be asked for again. The oldest are forgotten
 * first; once anything was, an id that is not here may have been.
 */
export class TaskMemory {
  readonly #limits: MemoryLimits;
  readonly #outcomes = new Map<string, Outcome>();
  /**
   * Ids from the oldest on; those before `#first` are forgotten. The map knows the order too, but to find its first entry
   * it looks at each that was deleted before it.
   */
  readonly #order: string[] = [];
  #first = 0;
  #size = 0;
  #forgot = false;

  constructor(limits: MemoryLimits) {
    this.#limits = limits;
  }

  get forgot(): boolean {
    return this.#forgot;
  }

  get(id: string): Outcome | undefined {
    return this.#outcomes.get(id);
  }

  remember(id: string, outcome: Outcome): void {
    if (this.#outcomes.has(id)) return;
    this.#outcomes.set(id, outcome);
    this.#order.push(id);
    this.#size += outcome.body.length;
    // The newest stays even when it alone is over the limit: its caller may be about to ask.
    while (this.#outcomes.size > 1 && (this.#outcomes.size > this.#limits.count || this.#size > this.#limits.size)) {
      this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    const id = this.#order[this.#first] as string;
    this.#first += 1;
    if (this.#first >= cutAfter && this.#first * 2 > this.#order.length) {
      this.#order.splice(0, this.#first);
      this.#first = 0;
    }
    this.#size -= this.#outcomes.get(id)?.body.length ?? 0;
    this.#outcomes.delete(id);
    this.#forgot = true;
  }
}
