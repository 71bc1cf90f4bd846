import { errorCatalogue, errorDefinition } from '../../core/errors/catalogue.ts';
import { PloinkyError, problemOf } from '../../core/errors/ploinky-error.ts';
import { type TaskEnd, timeoutText } from '../../decisions/task-end.ts';
import type { TaskOutcome } from '../agents/agent-port.ts';
import type { TaskReply } from '../http/cloud-port.ts';

export interface Ended {
  readonly taskId: string;
  readonly deployment: string;
  readonly command: string;
  readonly timeoutMs: number;
  readonly durationMs: number;
  /** The agent may have seen it. */
  readonly started: boolean;
}

/** The event that ends a task, from what the agent said or from how the conversation broke. */
export function endOf(ended: Ended, outcome: TaskOutcome | PloinkyError): TaskEnd {
  const { taskId, deployment, command, timeoutMs, durationMs, started } = ended;
  const stream = `task:${taskId}`;
  if (!(outcome instanceof PloinkyError) && outcome.success) {
    // Nearly every call: without a copy of what it has in common with the others.
    const data = outcome.data ?? null;
    return { type: 'task.completed', stream, data: { taskId, deployment, command, durationMs, data } };
  }
  const base = { taskId, deployment, command, durationMs };
  if (outcome instanceof PloinkyError) {
    if (outcome.code === 'TASK_TIMEOUT')
      return { type: 'task.timedOut', stream, data: { ...base, timeoutMs, started } };
    if (outcome.code === 'TASK_CANCELLED' && !started) {
      return { type: 'task.cancelled', stream, data: { ...base, reason: outcome.message } };
    }
    const certain = !started || outcome.code === 'AGENT_UNREACHABLE' || outcome.code === 'TASK_NOT_STARTED';
    const known = certain ? 'notStarted' : 'unknown';
    const problem = problemOf(outcome);
    return { type: 'task.failed', stream, data: { ...base, problem, outcome: known, details: null } };
  }
  const { code, message, details } = outcome.error;
  if (code === 'TASK_TIMEOUT') return { type: 'task.timedOut', stream, data: { ...base, timeoutMs, started } };
  if (code === 'TASK_CANCELLED') return { type: 'task.cancelled', stream, data: { ...base, reason: message } };
  const problem = { code: String(code), message: shortened(String(message)), hint: hintFor(code, details ?? null) };
  return { type: 'task.failed', stream, data: { ...base, problem, outcome: 'failed', details: details ?? null } };
}

/** A code of ours says what to do; one that the agent made up is explained by nobody else. */
function hintFor(code: string, details: unknown): string {
  if (Object.hasOwn(errorCatalogue, code)) return errorDefinition(code).next;
  return details === null
    ? 'The agent chose this code; ask its author what it means.'
    : 'See error.details for what it said.';
}

/** A message is a sentence; what is longer belongs into the details, which may be large. */
const longestMessage = 2_000;

function shortened(message: string): string {
  return message.length <= longestMessage ? message : `${message.slice(0, longestMessage - 1)}…`;
}

/** The same event as an answer. */
export function replyOf(taskId: string, end: TaskEnd): TaskReply {
  switch (end.type) {
    case 'task.completed':
      return { taskId, success: true, data: end.data.data };
    case 'task.failed':
      return { taskId, success: false, error: { ...end.data.problem, details: end.data.details } };
    case 'task.timedOut':
      return failed(taskId, 'TASK_TIMEOUT', timeoutText(end.data));
    case 'task.cancelled':
      return failed(taskId, 'TASK_CANCELLED', end.data.reason ?? 'The task was cancelled.');
  }
}

function failed(taskId: string, code: 'TASK_TIMEOUT' | 'TASK_CANCELLED', message: string): TaskReply {
  return { taskId, success: false, error: { code, message, hint: errorCatalogue[code].next, details: null } };
}
