import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A file that takes the space of a disk away. */
export class Ballast {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Leaves about so many bytes free, or what a full disk leaves. */
  fill(leave: number): void {
    const piece = Buffer.alloc(64 * 1024);
    const file = openSync(this.#file, 'a');
    try {
      for (let left = this.free() - leave; left > 0; left = this.free() - leave) {
        writeSync(file, piece, 0, Math.min(piece.length, left));
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  empty(): void {
    rmSync(this.#file, { force: true });
  }

  free(): number {
    const { bavail, bsize } = statfsSync(this.#folder);
    return bavail * bsize;
  }

  get #file(): string {
    return join(this.#folder, 'ballast');
  }
}
