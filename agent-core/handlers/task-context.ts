import { AsyncLocalStorage } from 'node:async_hooks';
import type { TaskRun } from '../task-run.ts';

/** What a function handler can ask about the call it answers, since its arguments are the caller's alone. */
export interface TaskContext {
  readonly id: string;
  readonly command: string;
  readonly runForUserId: string | null;
  readonly metadata: unknown;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
}

const storage = new AsyncLocalStorage<TaskRun>();

export function inTask<T>(run: TaskRun, work: () => T): T {
  return storage.run(run, work);
}

/** Makes `ploinky.task()` available to the agent's code: the call under way, or null outside of one. */
export function offerTaskContext(): void {
  const ploinky = Object.freeze({
    task(): TaskContext | null {
      const run = storage.getStore();
      if (!run) return null;
      const { id, command, runForUserId, metadata } = run.task;
      return { id, command, runForUserId, metadata, signal: run.signal };
    },
  });
  Object.defineProperty(globalThis, 'ploinky', { value: ploinky, configurable: true });
}
