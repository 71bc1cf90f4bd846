import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import type { FollowOptions, FollowOutcome, TakeLines } from '../engine/output-line.ts';
import { OutputFileLines } from './output-file-lines.ts';
import type { ProcessState } from './process-folder.ts';
import { errorFile, outputFile } from './process-output.ts';

/** The system may have no watches left, and an end may be told by no file. */
const lookEveryMs = 500;
/** A program that writes all the time is read in portions. */
const gatherMs = 20;

/** What a process wrote, out of the two files that it appends to. */
export async function followProcess(
  folder: string,
  look: () => Promise<ProcessState | null>,
  options: FollowOptions,
  take: TakeLines,
): Promise<FollowOutcome> {
  const { engineId, after, budget, signal } = options;
  const files = [
    new OutputFileLines(outputFile(folder), 'stdout', after, budget),
    new OutputFileLines(errorFile(folder), 'stderr', after, budget),
  ];
  const bell = new FileBell([folder, join(folder, 'output')], signal);
  try {
    for (;;) {
      signal.throwIfAborted();
      // Before the files are read: what it wrote last stands in them when it has ended.
      const state = await look();
      if (state?.record.startId !== engineId) return 'gone';
      // It may have been started and not begun yet; such a one has no exit code.
      const over = !state.running && (state.claimed || state.exitCode !== null);
      for (let read = true; read; ) {
        read = false;
        for (const file of files) {
          const lines = await file.next(over);
          signal.throwIfAborted();
          if (lines.length === 0) continue;
          await take(lines);
          read = true;
        }
      }
      if (over) return 'ended';
      await bell.wait();
    }
  } finally {
    bell.close();
  }
}

/** Rings when a file of the folders changes, and every so often. */
class FileBell {
  readonly #signal: AbortSignal;
  readonly #watchers: readonly (FSWatcher | null)[];
  #rung = false;
  #wake: (() => void) | null = null;

  constructor(folders: readonly string[], signal: AbortSignal) {
    this.#signal = signal;
    const ring = () => {
      this.#rung = true;
      this.#wake?.();
    };
    this.#watchers = folders.map((folder) => open(folder, ring));
  }

  async wait(): Promise<void> {
    const wake = () => this.#wake?.();
    this.#signal.addEventListener('abort', wake, { once: true });
    if (this.#rung) await this.#pause(gatherMs);
    else await this.#pause(lookEveryMs, true);
    this.#signal.removeEventListener('abort', wake);
    this.#rung = false;
  }

  close(): void {
    for (const watcher of this.#watchers) watcher?.close();
  }

  #pause(ms: number, wakes = false): Promise<void> {
    return new Promise((resolve) => {
      if (this.#signal.aborted) return resolve();
      const timer = setTimeout(resolve, ms);
      timer.unref();
      if (!wakes) return;
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
    });
  }
}

function open(folder: string, heard: () => void): FSWatcher | null {
  try {
    const watcher = watch(folder, { persistent: false }, heard);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}
