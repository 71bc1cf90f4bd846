import { type FSWatcher, readdirSync, watch } from 'node:fs';

/** Between two looks at a folder whose watcher works: only against the unlikely. */
const calmMs = 1_000;
/** While the watcher is deaf, as on network shares: quick while there is work, slower afterwards. */
const busyMs = 25;
const idleMs = 250;
const busyForMs = 10_000;

/**
 * Tells of new names in a folder: by the system's notices, and by looking, which alone is enough. When a look finds
 * work that no notice announced, the folder is looked at often until notices come again.
 */
export class FolderWatch {
  readonly #folder: string;
  readonly #found: (name: string, announced: boolean) => boolean;
  #watcher: FSWatcher | null = null;
  #timer: NodeJS.Timeout | null = null;
  #deaf = false;
  #closed = false;
  #lastFind = 0;

  /** @param found gets each name, perhaps again and again; answers whether it was new work */
  constructor(folder: string, found: (name: string, announced: boolean) => boolean) {
    this.#folder = folder;
    this.#found = found;
  }

  start(): void {
    try {
      this.#watcher = watch(this.#folder, (_event, name) => {
        this.#deaf = false;
        if (name === null) this.#look();
        else this.#found(name, true);
      });
      this.#watcher.on('error', () => this.#losesWatcher());
    } catch {
      this.#losesWatcher();
    }
    this.#look();
    this.#plan();
  }

  close(): void {
    this.#closed = true;
    this.#watcher?.close();
    if (this.#timer) clearTimeout(this.#timer);
  }

  #losesWatcher(): void {
    this.#watcher?.close();
    this.#watcher = null;
    this.#deaf = true;
  }

  #plan(): void {
    if (this.#closed) return;
    const busy = Date.now() - this.#lastFind < busyForMs;
    const pause = !this.#deaf ? calmMs : busy ? busyMs : idleMs;
    this.#timer = setTimeout(() => {
      if (this.#look()) this.#deaf = true;
      this.#plan();
    }, pause);
  }

  /** True when there was work that nobody had announced. */
  #look(): boolean {
    let news = false;
    for (const name of namesIn(this.#folder)) if (this.#found(name, false)) news = true;
    if (news) this.#lastFind = Date.now();
    return news;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
