import type { IncomingHttpHeaders } from 'node:http';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { Priority } from '../../../core/events/task-events.ts';
import { parseCallbackUrl } from '../../../core/names/callback-url.ts';

/** How a call is to be treated, beside what it calls. */
export interface CallWishes {
  readonly priority: Priority;
  /** URL that is told the outcome. */
  readonly callback: string | null;
}

const none: CallWishes = { priority: 'normal', callback: null };
const priorities: ReadonlySet<string> = new Set<Priority>(['urgent', 'normal', 'low']);

/** @throws PloinkyError INVALID_REQUEST */
export function wishesOf(headers: IncomingHttpHeaders): CallWishes {
  const priority = headers['x-task-priority'];
  const callback = headers['x-callback-url'];
  if (priority === undefined && callback === undefined) return none;
  if (priority !== undefined && !priorities.has(String(priority))) {
    throw new PloinkyError('INVALID_REQUEST', 'X-Task-Priority must be urgent, normal or low.');
  }
  return {
    priority: (priority ?? 'normal') as Priority,
    callback: callback === undefined ? null : parseCallbackUrl(String(callback)),
  };
}
