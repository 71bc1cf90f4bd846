import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import type { TaskEnd } from '../../decisions/task-end.ts';
import type { TaskOutcome } from '../agents/agent-port.ts';
import { type Ended, endOf } from './task-outcome.ts';
import type { TaskStore } from './task-store.ts';

/**
 * Stores how a task ended. Agents may answer what no event can hold, for example lists nested a hundred thousand deep:
 * the task ends all the same, and says so.
 * @param callback URL that is to be told the outcome
 */
export async function conclude(
  store: Pick<TaskStore, 'append'>,
  ended: Ended,
  outcome: TaskOutcome | PloinkyError,
  origin: Origin,
  callback: string | null,
): Promise<TaskEnd> {
  const end = endOf(ended, outcome);
  try {
    await store.append(withCallback(end, callback), origin);
    return end;
  } catch (error) {
    // The log's own trouble is not the agent's.
    if (isPloinkyError(error) && error.code !== 'EVENT_INVALID') throw error;
    const bad = new PloinkyError('AGENT_BAD_ANSWER', 'The agent answered something that cannot be stored.', {
      cause: error,
    });
    const instead = endOf(ended, bad);
    await store.append(withCallback(instead, callback), origin);
    return instead;
  }
}

/** Both or neither is durable, so that no outcome is left untold. */
function withCallback(end: TaskEnd, url: string | null): readonly PloinkyDraft[] {
  if (url === null) return [end];
  const { taskId } = end.data;
  return [end, { type: 'task.callbackDue', stream: end.stream, data: { taskId, url } }];
}
