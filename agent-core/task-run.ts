import { type FailureCode, failed, type Outcome } from './outcome.ts';
import type { Task } from './task.ts';

/** One execution of a task: it ends exactly once, by its handler, its time limit or a cancel, whichever is first. */
export class TaskRun {
  readonly task: Task;
  #settled: Outcome | null = null;
  #outcome: Promise<Outcome> | null = null;
  #end: (outcome: Outcome) => void = () => {};
  #abort: AbortController | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** Set by who can really stop the work: programs are killed, functions can only be told. */
  onStop: (() => void) | null = null;

  constructor(task: Task) {
    this.task = task;
  }

  /** Made on demand: a handler that returns at once is done before anybody could wait. */
  get outcome(): Promise<Outcome> {
    this.#outcome ??= new Promise((resolve) => {
      if (this.#settled) resolve(this.#settled);
      else this.#end = resolve;
    });
    return this.#outcome;
  }

  get ended(): boolean {
    return this.#settled !== null;
  }

  /** For handlers that want to notice that nobody waits any more. Made on demand: most never ask. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.ended) this.#abort.abort();
    return this.#abort.signal;
  }

  /** @param elapsedMs of its time, which are over already */
  startTimer(elapsedMs: number): void {
    const { command, timeoutMs } = this.task;
    this.#timer = setTimeout(
      () => {
        this.stop('TASK_TIMEOUT', `${command} did not end within ${timeoutMs} ms.`);
      },
      Math.max(0, timeoutMs - elapsedMs),
    );
  }

  end(outcome: Outcome): void {
    if (this.ended) return;
    this.#settled = outcome;
    if (this.#timer) clearTimeout(this.#timer);
    this.#end(outcome);
  }

  stop(code: FailureCode, message: string): void {
    if (this.ended) return;
    this.end(failed(code, message));
    this.#abort?.abort();
    this.onStop?.();
  }
}
