import type { JsonChange } from '../../history/json-changes.ts';
import type { Outcome } from '../../history/recorded-task.ts';
import { type Api, patientMs } from '../connection/api.ts';
import { RemoteProblem } from '../connection/remote-problem.ts';
import type { TaskRow } from '../verbs/tasks.ts';

/** What became of a past call when it was made again. */
export interface Replayed {
  readonly task: TaskRow;
  /** `refused`: the deployment did not take it at all. */
  readonly verdict: 'same' | 'different' | 'failed' | 'refused';
  /** The new task; null where it was refused. */
  readonly taskId: string | null;
  readonly changes: readonly JsonChange[];
  readonly past: Outcome | null;
  readonly again: Outcome | null;
}

/** As many as this are under way at a time. */
const atOnce = 4;

/**
 * Calls each again and yields what became of it, in the order in which they end. Ends beginning new ones when the signal
 * aborts. @throws RemoteProblem, PloinkyError where the server itself has trouble
 */
export async function* replayTasks(
  api: Api,
  tasks: readonly TaskRow[],
  against: string,
  signal: AbortSignal,
): AsyncGenerator<Replayed> {
  const running = new Map<string, Promise<Replayed>>();
  const waiting = [...tasks];
  while (waiting.length + running.size > 0) {
    signal.throwIfAborted();
    while (running.size < atOnce) {
      const task = waiting.shift();
      if (!task) break;
      const work = callAgain(api, task, against);
      // Awaited below, perhaps after another one failed.
      work.catch(() => {});
      running.set(task.taskId, work);
    }
    const ended = await Promise.race(running.values());
    running.delete(ended.task.taskId);
    yield ended;
  }
}

async function callAgain(api: Api, task: TaskRow, against: string): Promise<Replayed> {
  const route = `tasks/${encodeURIComponent(task.taskId)}/replay`;
  try {
    const answer = await api.manage<Omit<Replayed, 'task'>>('POST', route, { body: { against }, timeoutMs: patientMs });
    const { verdict, taskId, changes, past, again } = answer;
    return { task, verdict, taskId, changes, past, again };
  } catch (error) {
    if (!(error instanceof RemoteProblem) || isFatal(error)) throw error;
    const again: Outcome = { success: false, code: error.code, message: error.message, details: null };
    return { task, verdict: 'refused', taskId: null, changes: [], past: null, again };
  }
}

/** The same for every other task as well. */
function isFatal({ status, code }: RemoteProblem): boolean {
  return status === 401 || status === 403 || code === 'DEPLOYMENT_NOT_FOUND' || code === 'NOT_INITIALIZED';
}
