import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { upcast } from '../../core/events/upcast.ts';
import type { BlobStore } from '../../core/log/blob-port.ts';
import { materialize } from '../../core/log/externalize.ts';
import type { EventLog } from '../../core/log/log-port.ts';
import { isTaskEnd, type TaskEnd, type TaskEndEvent } from '../../decisions/task-end.ts';
import type { OpenReply, TaskReply } from '../http/cloud-port.ts';
import { replyOf } from './task-outcome.ts';

/** Tasks as the log remembers them. */
export class TaskLedger {
  readonly #log: EventLog;
  readonly #blobs: BlobStore;

  constructor(log: EventLog, blobs: BlobStore) {
    this.#log = log;
    this.#blobs = blobs;
  }

  /** The reply that was given or would have been; whether it waits or runs without an outcome yet; undefined when unknown. */
  async find(taskId: string): Promise<TaskReply | OpenReply | undefined> {
    let state: OpenReply['state'] | null = null;
    for await (const stored of this.#log.read({ stream: `task:${taskId}` })) {
      const event = upcast(stored);
      if (event?.type === 'task.enqueued') state = event.data.container === null ? 'waiting' : 'running';
      else if (event?.type === 'task.assigned') state = 'running';
      else if (event && isTaskEnd(event)) return this.#reply(taskId, event);
    }
    return state === null ? undefined : { taskId, state };
  }

  /** Waits for the outcome of a task that was accepted. */
  async outcomeOf(taskId: string): Promise<TaskReply> {
    const stream = `task:${taskId}`;
    let subscription: { close(): void } | undefined;
    const later = new Promise<TaskEndEvent>((resolve) => {
      subscription = this.#log.subscribe({}, (events) => {
        const end = events.find((event) => event.stream === stream && isTaskEnd(event));
        if (end) resolve(end as TaskEndEvent);
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

  async #reply(taskId: string, end: TaskEndEvent): Promise<TaskReply> {
    const data = (await materialize(end.data, this.#blobs)) as TaskEnd['data'];
    return replyOf(taskId, { ...end, data } as TaskEnd);
  }
}
