import type { AcceptedTask, TaskReply } from '../http/cloud-port.ts';

interface Waiting {
  readonly resolve: (reply: TaskReply) => void;
  readonly reject: (error: Error) => void;
}

/** Calls that are accepted together, and whose outcomes come one by one. */
export class PendingBatch {
  readonly #accepted: (tasks: readonly AcceptedTask[]) => void;
  readonly refuse: (error: Error) => void;
  #waiting: Waiting[] = [];
  #left = 0;

  constructor(accepted: (tasks: readonly AcceptedTask[]) => void, refuse: (error: Error) => void) {
    this.#accepted = accepted;
    this.refuse = refuse;
  }

  accept(taskIds: readonly string[]): void {
    this.#left = taskIds.length;
    this.#accepted(
      taskIds.map((taskId) => {
        const outcome = new Promise<TaskReply>((resolve, reject) => this.#waiting.push({ resolve, reject }));
        // Who only wants to know that it was accepted never looks at it.
        outcome.catch(() => {});
        return { taskId, outcome };
      }),
    );
  }

  /** True when it was the last. */
  settle(index: number, outcome: TaskReply | Error): boolean {
    const waiting = this.#waiting[index];
    if (outcome instanceof Error) waiting?.reject(outcome);
    else waiting?.resolve(outcome);
    this.#left -= 1;
    return this.#left === 0;
  }
}
