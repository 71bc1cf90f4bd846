import { type FSWatcher, watch } from 'node:fs';

/** Between two looks while the watchers work: only against the unlikely. */
const calmMs = 1_000;
/** Between two looks while they are deaf, as on network shares. */
const deafMs = 25;

/**
 * Tells of new names in folders. While awake it also looks now and then; once a look finds something that no notice
 * announced, it looks often until notices come again.
 */
export class FolderWatch {
  readonly #folders: readonly string[];
  readonly #found: (folder: number, name: string) => void;
  readonly #look: () => boolean;
  #watchers: FSWatcher[] = [];
  #timer: NodeJS.Timeout | null = null;
  #deaf = false;
  #awake = false;

  /**
   * @param found gets the index of the folder, and a name in it that came or went
   * @param look looks for what is waited for; true when something was there
   */
  constructor(folders: readonly string[], found: (folder: number, name: string) => void, look: () => boolean) {
    this.#folders = folders;
    this.#found = found;
    this.#look = look;
    this.#open();
  }

  /** Somebody waits. */
  wake(): void {
    if (this.#awake) return;
    this.#awake = true;
    this.#plan();
  }

  /** Nobody waits. */
  rest(): void {
    this.#awake = false;
    if (this.#timer) clearTimeout(this.#timer);
  }

  close(): void {
    this.rest();
    this.#closeWatchers();
  }

  #plan(): void {
    const lookAgain = () => {
      if (this.#look()) {
        // Once may be a notice that is still on its way; twice, and the folders may be others than were opened.
        if (this.#deaf) this.#reopen();
        this.#deaf = true;
      }
      if (this.#awake) this.#plan();
    };
    this.#timer = setTimeout(lookAgain, this.#deaf ? deafMs : calmMs);
  }

  #open(): void {
    this.#watchers = this.#folders.flatMap((folder, index) => {
      try {
        // Not persistent: whoever waits has a timer running, and nobody else should be kept alive.
        const watcher = watch(folder, { persistent: false }, (_event, name) => {
          this.#deaf = false;
          if (name === null) this.#look();
          else this.#found(index, name);
        });
        watcher.on('error', () => {
          this.#deaf = true;
        });
        return [watcher];
      } catch {
        this.#deaf = true; // the system has no watch left, or cannot watch this folder
        return [];
      }
    });
  }

  #reopen(): void {
    this.#closeWatchers();
    this.#open();
  }

  #closeWatchers(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }
}
