import type { PloinkyDraft, PloinkyEvent } from '../core/events/catalogue.ts';

type EndType = 'task.completed' | 'task.failed' | 'task.timedOut' | 'task.cancelled';

const endTypes: ReadonlySet<string> = new Set<EndType>([
  'task.completed',
  'task.failed',
  'task.timedOut',
  'task.cancelled',
]);

/** The one event that says what became of a call. */
export type TaskEnd = Extract<PloinkyDraft, { type: EndType }>;
export type TaskEndEvent = Extract<PloinkyEvent, { type: EndType }>;

export function isTaskEnd(event: { readonly type: string }): event is TaskEndEvent {
  return endTypes.has(event.type);
}

interface TimedOut {
  readonly command: string;
  readonly timeoutMs: number;
  /** Absent in events from before calls could wait. */
  readonly started?: boolean;
}

/** The same sentence wherever a call that ran out of time is told of. */
export function timeoutText({ command, timeoutMs, started }: TimedOut): string {
  if (started !== false) return `${command} did not answer within ${timeoutMs} ms.`;
  return `${command} waited ${timeoutMs} ms for its turn and did not run; it is safe to call again.`;
}
