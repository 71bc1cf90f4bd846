/** A line that a stage of a release wrote or that tells how far it is. */
export interface ProgressLine {
  readonly stage: 'image' | 'install';
  /** As it was written, secrets masked; may hold control characters. */
  readonly line: string;
}

interface Told {
  readonly lines: ProgressLine[];
  /** Lines before the first of them, which are gone from here. */
  before: number;
}

const keptLines = 2_000;
const keptReleases = 64;

/**
 * What releases that are being made say, for whoever looks on. It is in memory only: the log file of an install step has
 * all of it, and after a restart the stage begins anew.
 */
export class ReleaseProgress {
  readonly #releases = new Map<string, Told>();
  readonly #listeners = new Set<(release: string) => void>();

  say(release: string, stage: ProgressLine['stage'], lines: readonly string[]): void {
    const told = this.#releases.get(release) ?? { lines: [], before: 0 };
    // The one that spoke last is forgotten last.
    this.#releases.delete(release);
    this.#releases.set(release, told);
    for (const line of lines) told.lines.push({ stage, line });
    const over = told.lines.length - keptLines;
    if (over > 0) {
      told.lines.splice(0, over);
      told.before += over;
    }
    for (const oldest of this.#releases.keys()) {
      if (this.#releases.size <= keptReleases) break;
      this.#releases.delete(oldest);
    }
    for (const listener of this.#listeners) listener(release);
  }

  /** Lines from number `from` on (0 = the first), and the number of the next one. What is gone is passed over. */
  read(release: string, from: number): { readonly lines: readonly ProgressLine[]; readonly next: number } {
    const told = this.#releases.get(release);
    if (!told) return { lines: [], next: from };
    const next = told.before + told.lines.length;
    return { lines: told.lines.slice(Math.max(0, from - told.before)), next: Math.max(from, next) };
  }

  listen(listener: (release: string) => void): { close(): void } {
    this.#listeners.add(listener);
    return { close: () => this.#listeners.delete(listener) };
  }
}
