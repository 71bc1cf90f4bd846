import { withDeadline } from '../../core/clock/deadline.ts';
import type { Logger } from '../pipeline/world.ts';
import type { Retention } from './retention.ts';

const soonMs = 10_000;
const dayMs = 86_400_000;
const deadlineMs = 600_000;

/** So much at a time; what is left comes with the next run, which is soon. */
const mostSegments = 16;

/** Runs retention some seconds after a start and then once a day, or again soon where much was due. */
export class RetentionJob {
  readonly #retention: Retention;
  readonly #logger: Logger;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(retention: Retention, logger: Logger) {
    this.#retention = retention;
    this.#logger = logger;
  }

  start(): void {
    this.#next(soonMs);
  }

  /** What is under way ends at its next step; the next start finishes it. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#abort.abort(new Error('the server is stopping'));
    await this.#retention.idle();
  }

  #next(ms: number): void {
    if (this.#abort.signal.aborted) return;
    this.#timer = setTimeout(() => void this.#run(), ms);
    this.#timer.unref();
  }

  async #run(): Promise<void> {
    let again = dayMs;
    try {
      const report = await withDeadline(this.#abort.signal, deadlineMs, (signal) => {
        return this.#retention.run({ signal, mostSegments });
      });
      const { sealed, deleted, payloads, strays } = report;
      if (sealed.length >= mostSegments || deleted.length >= mostSegments) again = soonMs;
      if (sealed.length + deleted.length + (payloads?.count ?? 0) + strays.length > 0) {
        const counts = { sealed: sealed.length, deleted: deleted.length, payloads, strays: strays.length };
        this.#logger.info(counts, 'retention ran');
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#logger.warn({ err: error }, 'retention could not do all that is due');
    }
    this.#next(again);
  }
}
