import { createHash } from 'node:crypto';

/** Lines that are kept to be shown when something is wrong. */
const keptLines = 60;

/** Everything that happens, in its order, as a hash: two runs with the same hash took the same way. */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #last: string[] = [];
  readonly #onLine: ((line: string) => void) | undefined;
  #count = 0;
  #closed = false;

  constructor(onLine?: (line: string) => void) {
    this.#onLine = onLine;
  }

  get count(): number {
    return this.#count;
  }

  /** The newest lines. */
  get last(): readonly string[] {
    return this.#last.slice(-keptLines);
  }

  /** @param at milliseconds since the beginning */
  tell(at: number, text: string): void {
    if (this.#closed) return;
    const line = `${at.toFixed(3)} ${text}`;
    this.#count += 1;
    this.#hash.update(line).update('\n');
    this.#last.push(line);
    if (this.#last.length > 4 * keptLines) this.#last.splice(0, 3 * keptLines);
    this.#onLine?.(line);
  }

  /** SHA-256 in hex; nothing can be told afterwards. */
  digest(): string {
    this.#closed = true;
    return this.#hash.digest('hex');
  }
}
