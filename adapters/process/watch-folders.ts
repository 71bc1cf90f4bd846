import { type FSWatcher, mkdirSync, watch } from 'node:fs';
import { join } from 'node:path';

/** Files whose appearance means something. What the program writes lies deeper, and is not watched. */
const telling: readonly (string | null)[] = ['claim', 'exit', 'pid', 'record.json', null];

/**
 * Calls when a process folder may have come, gone or changed. A hint only: the system may have no watches left, and
 * nothing is written when shim and program are killed together.
 */
export class FolderWatch {
  readonly #stateFolder: string;
  readonly #changed: () => void;
  readonly #folders = new Map<string, FSWatcher>();
  #root: FSWatcher | null = null;

  constructor(stateFolder: string, changed: () => void) {
    this.#stateFolder = stateFolder;
    this.#changed = changed;
  }

  /** Watches these and no others; again and again, as they come and go. */
  follow(names: readonly string[]): void {
    this.#root ??= this.#watch(this.#stateFolder, this.#changed, () => {
      this.#root = null;
    });
    for (const [name, watcher] of this.#folders) {
      if (names.includes(name)) continue;
      watcher.close();
      this.#folders.delete(name);
    }
    for (const name of names) {
      if (this.#folders.has(name)) continue;
      const watcher = this.#watch(
        join(this.#stateFolder, name),
        (file) => {
          // Moved away: the name may come back as another folder, which needs a watch of its own.
          if (file === name) this.#forget(name);
          if (telling.includes(file) || file === name) this.#changed();
        },
        () => this.#forget(name),
      );
      if (watcher) this.#folders.set(name, watcher);
    }
  }

  close(): void {
    this.#root?.close();
    this.#root = null;
    for (const name of [...this.#folders.keys()]) this.#forget(name);
  }

  #forget(name: string): void {
    this.#folders.get(name)?.close();
    this.#folders.delete(name);
  }

  #watch(folder: string, heard: (file: string | null) => void, broken: () => void): FSWatcher | null {
    try {
      if (folder === this.#stateFolder) mkdirSync(folder, { recursive: true, mode: 0o700 });
      const watcher = watch(folder, { persistent: false }, (_, file) => heard(file));
      watcher.on('error', () => {
        watcher.close();
        broken();
      });
      return watcher;
    } catch {
      return null;
    }
  }
}
