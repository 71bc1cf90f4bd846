import type { EngineNotice } from '../engine/engine-port.ts';
import type { ProcessState } from './process-folder.ts';
import { FolderWatch } from './watch-folders.ts';

/** For what no folder tells, such as the end of a process that was killed together with its shim. */
const patrolMs = 1_000;

export interface ProcessWatchOptions {
  readonly stateFolder: string;
  readonly look: () => Promise<readonly ProcessState[]>;
  readonly listener: (notice: EngineNotice) => void;
  /** Every second, for each process. */
  readonly patrol: (name: string) => Promise<void>;
}

/** Compares what there is with what there was, whenever a folder moves and every second. */
export class ProcessWatch {
  readonly #options: ProcessWatchOptions;
  readonly #folders: FolderWatch;
  readonly #timer: NodeJS.Timeout;
  #before: ReadonlyMap<string, string> | null = null;
  #looking = false;
  #again = false;
  #closed = false;

  constructor(options: ProcessWatchOptions) {
    this.#options = options;
    this.#folders = new FolderWatch(options.stateFolder, () => void this.#look());
    this.#folders.follow([]);
    this.#timer = setInterval(() => void this.#round(), patrolMs);
    this.#timer.unref();
    void this.#look();
  }

  /** Something may have changed: look now, and once more when a look is under way. */
  async #look(): Promise<void> {
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    do {
      this.#again = false;
      const found = await this.#options.look().catch(() => null);
      if (this.#closed) return;
      if (found === null) this.#tell({ kind: 'gap' });
      else this.#compare(found);
    } while (this.#again);
    this.#looking = false;
  }

  async #round(): Promise<void> {
    await this.#look();
    for (const name of this.#before?.keys() ?? []) await this.#options.patrol(name).catch(() => undefined);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#folders.close();
  }

  #compare(found: readonly ProcessState[]): void {
    const now = new Map(found.map((state) => [state.record.name, momentOf(state)]));
    this.#folders.follow([...now.keys()]);
    const before = this.#before;
    this.#before = now;
    // What happened before the first look cannot be told one by one.
    if (before === null) this.#tell({ kind: 'gap' });
    else this.#tellOfChanges(before, now);
  }

  #tellOfChanges(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): void {
    for (const name of new Set([...before.keys(), ...now.keys()])) {
      if (before.get(name) !== now.get(name)) this.#tell({ kind: 'changed', name });
    }
  }

  #tell(notice: EngineNotice): void {
    try {
      this.#options.listener(notice);
    } catch {
      // A listener that fails must not end the watch.
    }
  }
}

/** One that has not begun is no other than one that has ended to those who list it, but what lies between is news. */
function momentOf({ record, claimed, running, exitCode }: ProcessState): string {
  return [record.startId, claimed, running, exitCode].join(' ');
}
