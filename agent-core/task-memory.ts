import type { Outcome } from './outcome.ts';

export interface MemoryLimits {
  readonly count: number;
  /** Characters of outcomes, roughly bytes. */
  readonly size: number;
}

/**
 * Outcomes by task id, so that an id is never executed twice and can be asked for again. The oldest are forgotten
 * first; once anything was, an id that is not here may have been.
 */
export class TaskMemory {
  readonly #limits: MemoryLimits;
  readonly #outcomes = new Map<string, Outcome>();
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
    this.#size += outcome.body.length;
    // The newest stays even when it alone is over the limit: its caller may be about to ask.
    while (this.#outcomes.size > 1 && (this.#outcomes.size > this.#limits.count || this.#size > this.#limits.size)) {
      this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#outcomes;
    if (!oldest) return;
    this.#outcomes.delete(oldest[0]);
    this.#size -= oldest[1].body.length;
    this.#forgot = true;
  }
}
