import type { Priority } from '../core/events/task-events.ts';
import type { Projection } from '../core/kernel/projection.ts';
import { illegal } from '../core/kernel/transition.ts';

export interface OpenTask {
  taskId: string;
  deployment: string;
  release: number;
  /** Null while it waits: then no agent has seen it. */
  container: string | null;
  bootId: string | null;
  command: string;
  /** JSON array, or a blob reference. */
  params: unknown;
  runForUserId: string;
  timeoutMs: number;
  priority: Priority;
  callback: string | null;
  enqueuedAt: string;
  /** Of `task.enqueued`, or of the last `task.assigned`. */
  lastEvent: string;
  trace: string;
}

/** Tasks that have no outcome yet. An outcome removes a task here; the log remembers it. */
export const tasks: Projection<OpenTask> = {
  name: 'tasks',
  version: 3,
  types: ['task.enqueued', 'task.assigned', 'task.completed', 'task.failed', 'task.timedOut', 'task.cancelled'],
  key: (event) => event.stream.slice('task:'.length),
  evolve(draft, event) {
    if (event.type === 'task.enqueued') {
      if (draft) throw illegal(event, 'open');
      // Field by field: most events of a log are calls, and spreading costs more than all the rest of folding one.
      const { data } = event;
      const { taskId, deployment, release, container, bootId, command, params, runForUserId, timeoutMs } = data;
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
        priority: data.priority,
        callback: data.callback,
        enqueuedAt: event.time,
        lastEvent: event.id,
        trace: event.trace,
      };
    }
    if (!draft) throw illegal(event, 'ended or absent');
    if (event.type !== 'task.assigned') return null;
    const { release, container, bootId } = event.data;
    Object.assign(draft, { release, container, bootId, lastEvent: event.id });
    return undefined;
  },
};
