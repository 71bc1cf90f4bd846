import { isPloinkyError, PloinkyError } from '../core/errors/ploinky-error.ts';
import type { PloinkyEvent } from '../core/events/catalogue.ts';
import type { EventEnvelope } from '../core/events/envelope.ts';
import { materialize } from '../core/log/externalize.ts';
import { quote } from '../core/names/names.ts';
import { isTaskEnd, timeoutText } from '../decisions/task-end.ts';
import type { Past } from './past.ts';

export type TaskStatus = 'open' | 'completed' | 'failed' | 'timedOut' | 'cancelled';

/** How a call ended, in the form in which two can be compared. */
export type Outcome =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false; readonly code: string; readonly message: string; readonly details: unknown };

export type Enqueued = Extract<PloinkyEvent, { type: 'task.enqueued' }>;
export type Assigned = Extract<PloinkyEvent, { type: 'task.assigned' }>;
export type TaskEnd = Extract<
  PloinkyEvent,
  { type: 'task.completed' | 'task.failed' | 'task.timedOut' | 'task.cancelled' }
>;

/** A call with everything that the log has of it. Payloads stay references. */
export interface RecordedTask {
  readonly events: readonly EventEnvelope[];
  readonly enqueued: Enqueued;
  readonly end: TaskEnd | null;
}

/** @throws PloinkyError TASK_NOT_FOUND */
export async function recordedTask(past: Past, taskId: string): Promise<RecordedTask> {
  const events: EventEnvelope[] = [];
  for await (const event of past.log.read({ stream: `task:${taskId}` })) events.push(event);
  const enqueued = events.find(({ type }) => type === 'task.enqueued') as Enqueued | undefined;
  if (!enqueued) throw new PloinkyError('TASK_NOT_FOUND', `The log knows no task ${quote(taskId)}.`);
  return { events, enqueued, end: (events.find((event) => isEnd(event)) as TaskEnd | undefined) ?? null };
}

export function isEnd(event: Pick<EventEnvelope, 'type'>): boolean {
  return isTaskEnd(event);
}

/** `completed` of `task.completed`; null = no outcome yet. */
export function statusOf(end: Pick<EventEnvelope, 'type'> | null): TaskStatus {
  return end === null ? 'open' : (end.type.slice('task.'.length) as TaskStatus);
}

/** An event with its payloads put in. @throws PloinkyError BLOB_MISSING */
export async function whole<E extends EventEnvelope>(past: Past, event: E): Promise<E> {
  return { ...event, data: await materialize(event.data, past.blobs) };
}

/** As `whole`; where a blob is gone its reference stays, which says so. */
export async function asWholeAsPossible<E extends EventEnvelope>(past: Past, event: E): Promise<E> {
  try {
    return await whole(past, event);
  } catch (error) {
    if (isPloinkyError(error, 'BLOB_MISSING')) return event;
    throw error;
  }
}

/** Takes an event with its payloads put in. */
export function outcomeOf(end: TaskEnd): Outcome {
  switch (end.type) {
    case 'task.completed':
      return { success: true, data: end.data.data };
    case 'task.failed': {
      const { code, message } = end.data.problem;
      return { success: false, code, message, details: end.data.details };
    }
    case 'task.timedOut': {
      const message = timeoutText(end.data);
      return { success: false, code: 'TASK_TIMEOUT', message, details: null };
    }
    case 'task.cancelled': {
      const message = end.data.reason ?? 'The task was cancelled.';
      return { success: false, code: 'TASK_CANCELLED', message, details: null };
    }
  }
}
