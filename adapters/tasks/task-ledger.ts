import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import type { BlobStore } from '../../core/log/blob-port.ts';
import { materialize } from '../../core/log/externalize.ts';
import type { EventLog } from '../../core/log/log-port.ts';
import type { TaskEnd } from '../../decisions/resume-task.ts';
import type { TaskReply } from '../http/cloud-port.ts';
import { replyOf } from './task-outcome.ts';

/** Tasks as the log remembers them. */
export class TaskLedger {
  readonly #log: EventLog;
  readonly #blobs: BlobStore;

  constructor(log: EventLog, blobs: BlobStore) {
    this.#log = log;
    this.#blobs = blobs;
  }

  /** The reply that was given or would have been; `running` without an outcome yet; undefined when unknown. */
  async find(taskId: string): Promise<TaskReply | { taskId: string; state: 'running' } | undefined> {
    let known = false;
    for await (const event of this.#log.read({ stream: `task:${taskId}` })) {
      known = true;
      if (event.type !== 'task.enqueued') return this.#reply(taskId, event as PloinkyEvent);
    }
    return known ? { taskId, state: 'running' } : undefined;
  }

  /** Waits for the outcome of a task that was accepted. */
  async outcomeOf(taskId: string): Promise<TaskReply> {
    const stream = `task:${taskId}`;
    let subscription: { close(): void } | undefined;
    const later = new Promise<PloinkyEvent>((resolve) => {
      subscription = this.#log.subscribe({}, (events) => {
        const end = events.find((event) => event.stream === stream && event.type !== 'task.enqueued');
        if (end) resolve(end as PloinkyEvent);
      });
    });
    try {
      // Subscribed first, so that an outcome between the two is not missed.
      const found = await this.find(taskId);
      if (found && !('state' in found)) return found;
      return await this.#reply(taskId, await later);
    } finally {
      subscription?.close();
    }
  }

  async paramsOf(task: { readonly taskId: string; readonly params: unknown }): Promise<readonly unknown[]> {
    const params = await materialize(task.params, this.#blobs);
    if (!Array.isArray(params)) throw new PloinkyError('BLOB_MISSING', `The arguments of ${task.taskId} are no list.`);
    return params;
  }

  async #reply(taskId: string, event: PloinkyEvent): Promise<TaskReply> {
    const end = event as Extract<PloinkyEvent, { type: TaskEnd['type'] }>;
    const data = (await materialize(end.data, this.#blobs)) as TaskEnd['data'];
    return replyOf(taskId, { ...end, data } as TaskEnd);
  }
}
