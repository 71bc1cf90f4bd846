import { describe, expect, it } from 'vitest';
import type { TaskOutcome } from '../../../adapters/agents/agent-port.ts';
import { endOf, replyOf } from '../../../adapters/tasks/task-outcome.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { validate } from '../../../core/events/validate.ts';

const ended = {
  taskId: 't',
  deployment: 'localhost/demo',
  command: 'hello',
  timeoutMs: 50,
  durationMs: 1,
  started: true,
};

function failure(code: string): TaskOutcome {
  return { success: false, error: { code, message: 'said', details: { code: 1 } } };
}

describe('what an agent answers becomes the event that ends its task', () => {
  it.each<[TaskOutcome | PloinkyError, string, object]>([
    [{ success: true, data: 'Hello' }, 'task.completed', { data: 'Hello' }],
    [{ success: true, data: undefined }, 'task.completed', { data: null }],
    [failure('HANDLER_FAILED'), 'task.failed', { outcome: 'failed', details: { code: 1 } }],
    [
      failure('toString'),
      'task.failed',
      { outcome: 'failed', problem: { code: 'toString', message: 'said', hint: expect.any(String) } },
    ],
    [failure('TASK_TIMEOUT'), 'task.timedOut', { timeoutMs: 50 }],
    [failure('TASK_CANCELLED'), 'task.cancelled', { reason: 'said' }],
    [new PloinkyError('TASK_TIMEOUT', 'late'), 'task.timedOut', { timeoutMs: 50 }],
    [new PloinkyError('AGENT_UNREACHABLE', 'gone'), 'task.failed', { outcome: 'notStarted' }],
    [new PloinkyError('TASK_NOT_STARTED', 'never'), 'task.failed', { outcome: 'notStarted' }],
    [new PloinkyError('TASK_OUTCOME_UNKNOWN', 'lost'), 'task.failed', { outcome: 'unknown' }],
    [new PloinkyError('AGENT_BAD_ANSWER', 'odd'), 'task.failed', { outcome: 'unknown' }],
  ])('%j', (outcome, type, data) => {
    const end = endOf(ended, outcome);
    validate(end);
    expect(end).toMatchObject({ type, stream: 'task:t', data });
    const reply = replyOf('t', end);
    expect(reply.success).toBe(type === 'task.completed');
    if (!reply.success) expect(reply.error.message).not.toBe('');
  });

  it('and of one that was never handed over it says that it did not run, whatever went wrong', () => {
    const end = endOf({ ...ended, started: false }, new PloinkyError('BLOB_MISSING', 'The arguments are gone.'));
    expect(end).toMatchObject({ type: 'task.failed', data: { outcome: 'notStarted' } });
  });

  it('and of one whose time was up while it waited it says that it never ran', () => {
    const end = endOf({ ...ended, started: false }, new PloinkyError('TASK_TIMEOUT', 'late'));
    validate(end);
    expect(end).toMatchObject({ type: 'task.timedOut', data: { started: false } });
    expect(replyOf('t', end)).toMatchObject({ error: { message: expect.stringContaining('did not run') } });
  });
});
