import type { Cancellation } from '../../core/clock/cancellation.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { AgentTask } from './agent-port.ts';

/** Why nobody waits for the task any more: its time is up, or the caller took it back. */
export function gaveUp(task: AgentTask, signal: Cancellation): PloinkyError {
  const late = (signal.reason as { name?: unknown } | undefined)?.name === 'TimeoutError';
  if (late) return new PloinkyError('TASK_TIMEOUT', `The agent did not answer ${task.command} in time.`);
  return new PloinkyError('TASK_CANCELLED', `The call of ${task.command} was taken back.`);
}
