import type { Projection } from '../core/kernel/projection.ts';
import { illegal } from '../core/kernel/transition.ts';

export interface OpenTask {
  taskId: string;
  deployment: string;
  release: number;
  container: string;
  bootId: string | null;
  command: string;
  /** JSON array, or a blob reference. */
  params: unknown;
  runForUserId: string;
  timeoutMs: number;
  enqueuedAt: string;
  /** Id and trace of `task.enqueued`. */
  lastEvent: string;
  trace: string;
}

/** Tasks that wait for their outcome. An outcome removes a task here; the log remembers it. */
export const tasks: Projection<OpenTask> = {
  name: 'tasks',
  version: 1,
  types: ['task.enqueued', 'task.completed', 'task.failed', 'task.timedOut', 'task.cancelled'],
  key: (event) => event.stream.slice('task:'.length),
  evolve(draft, event) {
    if (event.type === 'task.enqueued') {
      if (draft) throw illegal(event, 'open');
      // Field by field: most events of a log are calls, and spreading costs more than all the rest of folding one.
      const { taskId, deployment, release, container, bootId, command, params, runForUserId, timeoutMs } = event.data;
      return {
        taskId,
        deployment,
        release,
        container,
        bootId,
        command,
        params,
        runForUserId,
        timeoutMs,
        enqueuedAt: event.time,
        lastEvent: event.id,
        trace: event.trace,
      };
    }
    if (!draft) throw illegal(event, 'ended or absent');
    return null;
  },
};
