import type { Random } from '../ground/random.ts';

export type Change = readonly [key: string, value: string | undefined];

/** What a database holds, apart from whoever has it open. */
export class Database {
  readonly #random: Random;
  readonly #values = new Map<string, string>();
  #keys: string[] = [];
  /** Batches that a power cut may take back, oldest first: what was there before each. */
  #unsynced: Change[][] = [];
  /** Batches that were written after one that failed: they are there until the database is opened anew. */
  #astray: Change[][] = [];
  /** A write failed since it was opened. */
  poisoned = false;
  locked = false;

  constructor(random: Random) {
    this.#random = random;
  }

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  /** Keys of a range, in their order. */
  range({ gt, gte, lt, lte }: Range): string[] {
    const from = gte !== undefined ? this.#place(gte) : gt !== undefined ? this.#place(`${gt}\0`) : 0;
    const to = lt !== undefined ? this.#place(lt) : lte !== undefined ? this.#place(`${lte}\0`) : this.#keys.length;
    return this.#keys.slice(from, to);
  }

  write(changes: readonly Change[], sync: boolean): void {
    const before: Change[] = changes.map(([key]) => [key, this.#values.get(key)]);
    this.#apply(changes);
    if (this.poisoned) this.#astray.push(before);
    else if (sync) this.#unsynced = [];
    else this.#unsynced.push(before);
  }

  /** As a write of which the sync failed: nobody knows whether it is there after the next opening. */
  fail(changes: readonly Change[]): void {
    if (this.#random.chance(0.5)) this.#apply(changes);
    this.poisoned = true;
  }

  /** Opened by somebody: LevelDB reads its journal up to the first record that is not whole. */
  open(): void {
    for (const before of this.#astray.reverse()) this.#apply(before);
    this.#astray = [];
    this.poisoned = false;
    this.locked = true;
  }

  powerCut(): void {
    const left = this.#random.whole(0, this.#unsynced.length);
    for (const before of this.#unsynced.splice(left).reverse()) this.#apply(before);
    this.#unsynced = [];
  }

  letGo(): void {
    this.locked = false;
  }

  #apply(changes: readonly Change[]): void {
    for (const [key, value] of changes) {
      const known = this.#values.has(key);
      if (value === undefined) {
        if (!known) continue;
        this.#values.delete(key);
        this.#keys.splice(this.#place(key), 1);
        continue;
      }
      this.#values.set(key, value);
      if (!known) this.#keys.splice(this.#place(key), 0, key);
    }
  }

  /** Where a key is, or would be. */
  #place(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export interface Range {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly lte?: string;
}
