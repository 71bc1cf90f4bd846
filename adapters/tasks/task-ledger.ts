import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { upcast } from '../../core/events/upcast.ts';
import type { BlobStore } from '../../core/log/blob-port.ts';
import { materialize } from '../../core/log/externalize.ts';
import type { EventLog } from '../../core/log/log-port.ts';
import { isTaskEnd, type TaskEnd, type TaskEndEvent } from '../../decisions/task-end.ts';
import type { TaskReply } from '../http/cloud-port.ts';
import type { FoundTask } from './found-task.ts';
import { replyOf } from './task-outcome.ts';

/** Tasks as the log remembers them. */
export class TaskLedger {
  readonly #log: EventLog;
  readonly #blobs: BlobStore;

  constructor(log: EventLog, blobs: BlobStore) {
    this.#log = log;
    this.#blobs = blobs;
  }

  /** What the log has of a call; undefined when it has nothing. */
  async find(taskId: string): Promise<FoundTask | undefined> {
    let found: FoundTask | undefined;
    for await (const stored of this.#log.read({ stream: `task:${taskId}` })) {
      const event = upcast(stored);
      if (event?.type === 'task.enqueued') {
        const { deployment, command, container } = event.data;
        const state = container === null ? 'waiting' : 'running';
        found = { taskId, state, deployment, command, acceptedAt: event.time, endedAt: null, reply: null };
      } else if (event?.type === 'task.assigned' && found) found = { ...found, state: 'running' };
      else if (event && found && isTaskEnd(event)) {
        return { ...found, state: stateOf(event.type), endedAt: event.time, reply: await this.#reply(taskId, event) };
      }
    }
    return found;
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
      if (found?.reply) return found.reply;
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

/** `completed` of `task.completed`. */
function stateOf(type: TaskEnd['type']): FoundTask['state'] {
  return type.slice('task.'.length) as FoundTask['state'];
}
