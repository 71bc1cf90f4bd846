import { closeSync, mkdirSync, openSync, readdirSync, unlinkSync, write, writeSync } from 'node:fs';
import path from 'node:path';
import { dayFileName, dayOf, dayOfFile } from './day.ts';

export interface DayFileOptions {
  /** `<data>/logs`; made when it is missing. */
  readonly folder: string;
  /** Days that are kept besides today; asked again at each new day. */
  readonly retentionDays: () => number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Text that waits for a slow disk; beyond it lines are dropped rather than memory spent. */
const maxWaiting = 8 * 1024 * 1024;

/** For lines to come together in: each write wakes a thread of the pool, which is felt in every call under load. */
const gatherMs = 20;

/**
 * A destination for pino: `p-cloud-<YYYY-MM-DD>.log`, a new file with each UTC day. Lines of some milliseconds are
 * written together. A disk that refuses loses lines and never an answer.
 */
export class DayFile {
  readonly #options: DayFileOptions;
  readonly #now: () => number;
  #day = '';
  #fd: number | null = null;
  #waiting: string[] = [];
  #waitingLength = 0;
  #scheduled = false;
  #timer: NodeJS.Timeout | undefined;
  #writing = false;
  #dropped = 0;
  #idle: (() => void)[] = [];

  constructor(options: DayFileOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Takes one line with its line end. */
  write(line: string): void {
    if (this.#waitingLength + line.length > maxWaiting) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waitingLength += line.length;
    if (this.#scheduled || this.#writing) return;
    this.#scheduled = true;
    this.#timer = setTimeout(() => this.#due(), gatherMs);
  }

  /** Resolves when every line taken so far was handed to the system. */
  flush(): Promise<void> {
    if (!this.#writing && this.#waiting.length === 0) return Promise.resolve();
    const flushed = new Promise<void>((resolve) => this.#idle.push(resolve));
    if (this.#scheduled) this.#due();
    return flushed;
  }

  async close(): Promise<void> {
    await this.flush();
    this.#closeFile();
  }

  /** For the last moments of a process: writes without waiting for a turn of the event loop. */
  flushSync(): void {
    const { text, lines } = this.#take();
    if (lines === 0) return;
    try {
      writeSync(this.#file(), text);
    } catch {
      this.#dropped += lines;
    }
  }

  #due(): void {
    clearTimeout(this.#timer);
    this.#scheduled = false;
    this.#drain();
  }

  #drain(): void {
    if (this.#writing) return;
    const { text, lines } = this.#take();
    if (lines === 0) {
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    let fd: number;
    try {
      fd = this.#file();
    } catch {
      this.#dropped += lines;
      this.#drain();
      return;
    }
    this.#writing = true;
    const bytes = Buffer.from(text);
    const ended = (failed: boolean) => {
      this.#writing = false;
      if (failed) {
        this.#dropped += lines;
        this.#closeFile();
      }
      this.#drain();
    };
    const next = (offset: number) => {
      write(fd, bytes, offset, bytes.length - offset, null, (error, written) => {
        if (error) ended(true);
        else if (offset + written < bytes.length) next(offset + written);
        else ended(false);
      });
    };
    next(0);
  }

  #take(): { text: string; lines: number } {
    if (this.#dropped > 0 && this.#waiting.length > 0) {
      const ts = new Date(this.#now()).toISOString();
      this.#waiting.unshift(
        `${JSON.stringify({ level: 'warn', ts, message: 'log lines were lost', lost: this.#dropped })}\n`,
      );
      this.#dropped = 0;
    }
    const taken = { text: this.#waiting.join(''), lines: this.#waiting.length };
    this.#waiting = [];
    this.#waitingLength = 0;
    return taken;
  }

  #file(): number {
    const day = dayOf(this.#now());
    if (this.#fd !== null && day === this.#day) return this.#fd;
    this.#closeFile();
    mkdirSync(this.#options.folder, { recursive: true, mode: 0o700 });
    this.#fd = openSync(path.join(this.#options.folder, dayFileName(day)), 'a', 0o600);
    this.#day = day;
    this.#prune();
    return this.#fd;
  }

  #closeFile(): void {
    if (this.#fd === null) return;
    try {
      closeSync(this.#fd);
    } catch {
      // A file that cannot be closed holds nothing we could still save.
    }
    this.#fd = null;
  }

  #prune(): void {
    const oldest = dayOf(this.#now() - this.#options.retentionDays() * 86_400_000);
    for (const name of readdirSync(this.#options.folder)) {
      const day = dayOfFile(name);
      if (day === null || day >= oldest) continue;
      try {
        unlinkSync(path.join(this.#options.folder, name));
      } catch {
        // Tried again with the next day.
      }
    }
  }
}
