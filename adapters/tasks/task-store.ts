import type { PloinkyDraft, PloinkyEvent } from '../../core/events/catalogue.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import type { TaskReply } from '../http/cloud-port.ts';

/** What is kept of tasks, and asked of it. */
export interface TaskStore {
  /** Stores without waiting for decisions under way: a task's stream is its own. */
  append(
    drafts: readonly PloinkyDraft[],
    origin: Origin,
    options?: { idempotencyKey?: string },
  ): Promise<readonly PloinkyEvent[]>;
  /** What became of a task that was accepted earlier; waits for it while it runs. */
  outcomeOf(taskId: string): Promise<TaskReply>;
  /** The arguments of a task that was accepted earlier. */
  paramsOf(task: { readonly taskId: string; readonly params: unknown }): Promise<readonly unknown[]>;
}
