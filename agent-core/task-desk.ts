import { failed, type Outcome } from './outcome.ts';
import type { Task } from './task.ts';
import type { TaskMemory } from './task-memory.ts';
import { TaskRun } from './task-run.ts';

export type Standing =
  | { readonly state: 'running' }
  | { readonly state: 'ended'; readonly outcome: Outcome }
  | { readonly state: 'neverSeen' | 'unknown' };

/** The one place where tasks of both transports meet, so that an id means the same task whichever way it comes. */
export class TaskDesk {
  readonly #memory: TaskMemory;
  readonly #perform: (run: TaskRun) => Outcome | Promise<Outcome>;
  readonly #runs = new Map<string, TaskRun>();
  #whenIdle: (() => void) | null = null;

  /** @param perform finds the handler and runs it; must not throw or reject */
  constructor(memory: TaskMemory, perform: (run: TaskRun) => Outcome | Promise<Outcome>) {
    this.#memory = memory;
    this.#perform = perform;
  }

  /**
   * Executes the task, joins it while it runs, or gives its remembered outcome. A promise only where it takes longer than
   * this turn: a timer and a few promises cost more than all the rest of a small task. Never rejects.
   */
  submit(task: Task): Outcome | Promise<Outcome> {
    const known = this.#memory.get(task.id);
    if (known) return known;
    const running = this.#runs.get(task.id);
    if (running) return running.outcome;
    const run = new TaskRun(task);
    const begun = performance.now();
    const performed = this.#perform(run);
    if (!(performed instanceof Promise)) {
      run.end(performed);
      this.#memory.remember(task.id, performed);
      return performed;
    }
    this.#runs.set(task.id, run);
    run.startTimer(performance.now() - begun);
    void performed.then((outcome) => run.end(outcome));
    return run.outcome.then((outcome) => {
      this.#runs.delete(task.id);
      this.#memory.remember(task.id, outcome);
      if (this.#runs.size === 0) this.#whenIdle?.();
      return outcome;
    });
  }

  /**
   * Ends the task if it runs. One that was never seen is remembered as cancelled, because a cancel may overtake the
   * task that it is meant for.
   */
  cancel(id: string): void {
    const run = this.#runs.get(id);
    if (run) run.stop('TASK_CANCELLED', 'The task was cancelled while it ran.');
    else this.#memory.remember(id, failed('TASK_CANCELLED', 'The task was cancelled before it ran.'));
  }

  /** An outcome that was found, not made, for example of a task that a former process left behind. */
  settle(id: string, outcome: Outcome): void {
    this.#memory.remember(id, outcome);
  }

  standing(id: string): Standing {
    const outcome = this.#memory.get(id);
    if (outcome) return { state: 'ended', outcome };
    if (this.#runs.has(id)) return { state: 'running' };
    return { state: this.#memory.forgot ? 'unknown' : 'neverSeen' };
  }

  /** Resolves once nothing runs. */
  idle(): Promise<void> {
    if (this.#runs.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenIdle = resolve;
    });
  }
}
