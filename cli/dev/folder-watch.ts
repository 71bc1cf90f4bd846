import { type FSWatcher, watch } from 'node:fs';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';

/** So long nothing may change before a change counts: an editor writes a file in several steps. */
const quietMs = 150;
/** Of a program that writes all the time, a state is taken now and then. */
const longestMs = 2_000;

/** Tells when something in one of many folders changed. What that was, a look at the files says. */
export class FolderWatch {
  readonly #watchers = new Map<string, FSWatcher>();
  #changed = false;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;

  /**
   * From now on these folders, and no others. One that went away meanwhile is left out.
   * @throws PloinkyError FILE_UNREADABLE where the system has no watches left
   */
  follow(folders: readonly string[]): void {
    const wanted = new Set(folders);
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) {
      if (this.#watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, { persistent: true }, () => this.#touched());
        watcher.on('error', () => this.#touched());
        this.#watchers.set(folder, watcher);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT') continue;
        throw new PloinkyError(
          'FILE_UNREADABLE',
          `The folder ${folder} cannot be watched (${code ?? 'unknown error'}).`,
          {
            hint:
              code === 'ENOSPC' || code === 'EMFILE'
                ? 'Too many folders are watched on this machine: raise fs.inotify.max_user_watches and max_user_instances, or have Git ignore more.'
                : 'Check that you may read it.',
            cause: error,
          },
        );
      }
    }
  }

  /** Resolves once something changed since the last call and it is quiet. Rejects when `signal` aborts. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => reject(signal.reason);
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });
      this.#wake = () => {
        signal.removeEventListener('abort', stop);
        this.#wake = undefined;
        this.#changed = false;
        resolve();
      };
      if (this.#changed && this.#timer === undefined) this.#wake();
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #touched(): void {
    const now = performance.now();
    if (this.#timer === undefined) this.#since = now;
    this.#changed = true;
    clearTimeout(this.#timer);
    const left = Math.max(0, Math.min(quietMs, this.#since + longestMs - now));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#wake?.();
    }, left);
  }
}
