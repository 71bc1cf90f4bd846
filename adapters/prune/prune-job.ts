import { withDeadline } from '../../core/clock/deadline.ts';
import type { Settings } from '../../core/settings/settings.ts';
import type { Logger } from '../pipeline/world.ts';
import type { Prune } from './prune.ts';

/** After a start there is more urgent work. */
const firstMs = 600_000;
const dayMs = 86_400_000;
const deadlineMs = 3_600_000;

/** Prunes once a day, where the setting says so. */
export class PruneJob {
  readonly #prune: Prune;
  readonly #settings: () => Settings;
  readonly #logger: Logger;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(prune: Prune, settings: () => Settings, logger: Logger) {
    this.#prune = prune;
    this.#settings = settings;
    this.#logger = logger;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  start(): void {
    this.#next(firstMs);
  }

  /** What is under way ends at its next step; the next run finishes it. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#abort.abort(new Error('the server is stopping'));
    await this.#prune.idle();
  }

  #next(ms: number): void {
    if (this.#abort.signal.aborted) return;
    this.#timer = setTimeout(() => void this.#run(), ms);
    this.#timer.unref();
  }

  async #run(): Promise<void> {
    try {
      if (this.#settings()['retention.prune'] === 'daily') {
        const { items, bytes, left } = await withDeadline(this.#abort.signal, deadlineMs, (signal) => {
          return this.#prune.run('daily', 'system:prune', signal);
        });
        if (items.length + left.length > 0) {
          this.#logger.info({ removed: items.length, bytes, left: left.length }, 'removed what no release needs');
        }
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#logger.warn({ err: error }, 'what no release needs could not be removed');
    }
    this.#next(dayMs);
  }
}
