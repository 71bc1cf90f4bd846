import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import type { Flight } from './flight.ts';

/** The event that accepts a call. One that waits has no container yet. */
export function enqueuedDraft({ taskId, call, container, release, priority }: Flight): PloinkyDraft {
  const { deployment, command, params, runForUserId, timeoutMs, callback = null } = call;
  const data = {
    taskId,
    deployment,
    release,
    container: container === null ? null : container.name,
    bootId: container === null ? null : container.bootId,
    command,
    params: params as unknown,
    runForUserId,
    timeoutMs,
    priority,
    callback,
  };
  return { type: 'task.enqueued', stream: `task:${taskId}`, data };
}
