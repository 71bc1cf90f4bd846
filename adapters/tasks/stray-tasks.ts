import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Logger } from '../pipeline/world.ts';

/** Before the tasks are looked at; a log that could not be written is usually read and checked anew by then. */
const lookAfterMs = 1_000;

/** After these nobody knows whether the events were stored. */
const unknown: ReadonlySet<string> = new Set(['DISK_FULL', 'LOG_WRITE_FAILED']);

/**
 * Tasks that nobody in this process works on: their acceptance or their outcome could not be stored for sure, and the log
 * has them as open. They are taken up as after a start, and not only by the next one.
 */
export class StrayTasks {
  readonly #takeUp: () => Promise<void>;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | null = null;
  /** Events that nobody was told of may come to light when the log is written again. */
  #unsure = false;
  #closed = false;

  /** @param takeUp resumes what is open and not under way; where it fails, the tasks are looked at again */
  constructor(takeUp: () => Promise<void>, logger: Logger) {
    this.#takeUp = takeUp;
    this.#logger = logger;
  }

  /** An event of a task could not be appended. */
  notStored(error: unknown): void {
    if (!isPloinkyError(error) || !unknown.has(error.code)) return;
    this.#unsure = true;
    this.#lookSoon();
  }

  /** The log can be written: what it stored without a word is known by now. */
  committed(): void {
    if (!this.#unsure) return;
    this.#unsure = false;
    this.#lookSoon();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #lookSoon(): void {
    if (!this.#closed) this.#timer ??= setTimeout(() => this.#look(), lookAfterMs).unref();
  }

  #look(): void {
    this.#timer = null;
    this.#takeUp().catch((error: unknown) => {
      this.#logger.warn({ err: error }, 'tasks that nobody works on could not be taken up now');
      this.notStored(error);
    });
  }
}
