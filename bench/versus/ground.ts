import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the contestants stand on: a folder of their own, and the end of everything that they started. */
export class Ground {
  /** What loads HTTP servers: wrk, or a program in Node where only the ratios of this project's own history count. */
  readonly loader: 'wrk' | 'node';
  readonly folder = mkdtempSync(join(tmpdir(), 'pv-'));
  readonly #ends: (() => Promise<void> | void)[] = [];
  #leaving: Promise<void> | null = null;
  readonly #shared = new Map<string, Promise<unknown>>();

  constructor(loader: 'wrk' | 'node' = 'wrk') {
    this.loader = loader;
  }

  /** A new folder below that of the ground. */
  make(name: string): string {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** Called at the end, the last one first. */
  atEnd(end: () => Promise<void> | void): void {
    this.#ends.push(end);
  }

  /** What several contestants use is started by the first of them. */
  shared<T>(name: string, start: () => Promise<T>): Promise<T> {
    const started = (this.#shared.get(name) as Promise<T> | undefined) ?? start();
    this.#shared.set(name, started);
    return started;
  }

  /** Ends everything, even where an end fails, and removes the folder. Once, however often it is asked. */
  leave(): Promise<void> {
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  async #leave(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) {
      try {
        await end();
      } catch (error) {
        process.stderr.write(`bench: ${(error as Error).message}\n`);
      }
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
