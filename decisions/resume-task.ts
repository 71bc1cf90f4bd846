import type { ProblemShape } from '../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../core/events/catalogue.ts';
import type { OpenTask } from '../projections/tasks.ts';

/** What the agent says of a task that was under way when the server ended. */
export type Recollection =
  | { readonly state: 'ended' | 'running' }
  | { readonly state: 'neverSeen' | 'unknown'; readonly bootId: string | null }
  /** No container serves the release any more, or it does not answer. */
  | { readonly state: 'gone' };

export type Resumption =
  /** Its outcome is there or will come: wait for it. */
  | { readonly kind: 'join' }
  /** It never arrived, and there is time left: hand it over now. */
  | { readonly kind: 'deliver' }
  | { readonly kind: 'fail'; readonly problem: ProblemShape; readonly outcome: 'notStarted' | 'unknown' };

/**
 * Decides what becomes of an open task after a restart. Handing over again is safe only while the very AgentCore
 * that may have got it says that it never did; everything else is said honestly, not guessed.
 */
export function resumeTask(task: OpenTask, recollection: Recollection, nowMs: number): Resumption {
  if (recollection.state === 'ended' || recollection.state === 'running') return { kind: 'join' };
  if (recollection.state === 'neverSeen' && recollection.bootId === task.bootId) {
    const timeLeft = Date.parse(task.enqueuedAt) + task.timeoutMs - nowMs;
    if (timeLeft > 0) return { kind: 'deliver' };
    return { kind: 'fail', outcome: 'notStarted', problem: notStarted };
  }
  return { kind: 'fail', outcome: 'unknown', problem: outcomeUnknown };
}

const notStarted: ProblemShape = {
  code: 'TASK_NOT_STARTED',
  message: 'The server ended before the task reached the agent, and its time was up when it came back.',
  hint: 'It is safe to call again.',
};

const outcomeUnknown: ProblemShape = {
  code: 'TASK_OUTCOME_UNKNOWN',
  message: 'The server ended while the task was under way, and the agent that got it cannot say what became of it.',
  hint: 'Check what the command did before you call it again.',
};

export type TaskEnd = Extract<
  PloinkyDraft,
  { type: 'task.completed' | 'task.failed' | 'task.timedOut' | 'task.cancelled' }
>;
