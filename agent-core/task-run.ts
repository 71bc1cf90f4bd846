import { type FailureCode, failed, type Outcome } from './outcome.ts';
import type { Task } from './task.ts';

/** One execution of a task: it ends exactly once, by its handler, its time limit or a cancel, whichever is first. */
export class TaskRun {
  readonly task: Task;
  readonly outcome: Promise<Outcome>;
  #ended = false;
  #end: (outcome: Outcome) => void = () => {};
  #abort: AbortController | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** Set by who can really stop the work: programs are killed, functions can only be told. */
  onStop: (() => void) | null = null;

  constructor(task: Task) {
    this.task = task;
    this.outcome = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** For handlers that want to notice that nobody waits any more. Made on demand: most never ask. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#ended) this.#abort.abort();
    return this.#abort.signal;
  }

  startTimer(): void {
    const { command, timeoutMs } = this.task;
    this.#timer = setTimeout(() => {
      this.stop('TASK_TIMEOUT', `${command} did not end within ${timeoutMs} ms.`);
    }, timeoutMs);
  }

  end(outcome: Outcome): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#end(outcome);
  }

  stop(code: FailureCode, message: string): void {
    if (this.#ended) return;
    this.end(failed(code, message));
    this.#abort?.abort();
    this.onStop?.();
  }
}
