import type { ProblemShape } from '../core/errors/ploinky-error.ts';
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
  | { readonly kind: 'deliver'; readonly timeLeftMs: number }
  /** No agent ever saw it: it waits on. */
  | { readonly kind: 'wait'; readonly timeLeftMs: number }
  | { readonly kind: 'fail'; readonly problem: ProblemShape; readonly outcome: 'notStarted' | 'unknown' };

/**
 * Decides what becomes of an open task after a restart. Handing over again is safe only while the very AgentCore
 * that may have got it says that it never did; everything else is said honestly, not guessed. One that still waited when
 * the server ended was handed to nobody, since `task.assigned` comes first.
 */
export function resumeTask(task: OpenTask, recollection: Recollection, nowMs: number): Resumption {
  if (task.container === null) {
    return { kind: 'wait', timeLeftMs: Math.max(0, Date.parse(task.enqueuedAt) + task.timeoutMs - nowMs) };
  }
  if (recollection.state === 'ended' || recollection.state === 'running') return { kind: 'join' };
  if (recollection.state === 'neverSeen' && recollection.bootId === task.bootId) {
    const timeLeftMs = Date.parse(task.enqueuedAt) + task.timeoutMs - nowMs;
    if (timeLeftMs > 0) return { kind: 'deliver', timeLeftMs };
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
