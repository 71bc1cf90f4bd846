import { Type } from 'typebox';
import { defineEvent, Nullable, Problem, Text } from './define.ts';

const task = 'task:<taskId>';

const Ended = {
  taskId: Type.String(),
  durationMs: Type.Number({ description: 'from enqueued to outcome' }),
  /** Repeated from `task.enqueued`, so that metrics fold without a join. */
  deployment: Type.String(),
  command: Type.String(),
};

export const taskEvents = [
  defineEvent(
    'task.enqueued',
    task,
    'A call was accepted.',
    Type.Object({
      taskId: Type.String(),
      deployment: Type.String(),
      release: Type.Integer(),
      container: Type.String(),
      bootId: Nullable(Type.String()),
      command: Type.String(),
      params: Type.Unknown({ description: 'JSON array, or a blob reference' }),
      runForUserId: Type.String(),
      timeoutMs: Type.Integer(),
    }),
    { payload: ['params'] },
  ),
  defineEvent(
    'task.completed',
    task,
    'The agent answered.',
    Type.Object({ ...Ended, data: Type.Unknown({ description: 'JSON, or a blob reference' }) }),
    { payload: ['data'] },
  ),
  defineEvent(
    'task.failed',
    task,
    'The agent refused, threw, or nobody knows: `outcome` says which.',
    Type.Object({
      ...Ended,
      problem: Problem,
      outcome: Type.Union([Type.Literal('failed'), Type.Literal('notStarted'), Type.Literal('unknown')]),
      details: Type.Unknown({
        description: 'what the handler left: exit code, stderr, stdout; null, or a blob reference',
      }),
    }),
    { payload: ['details'] },
  ),
  defineEvent(
    'task.timedOut',
    task,
    'No answer within its time.',
    Type.Object({ ...Ended, timeoutMs: Type.Integer() }),
  ),
  defineEvent(
    'task.cancelled',
    task,
    'Somebody took it back.',
    Type.Object({ ...Ended, reason: Nullable(Text('why')) }),
  ),
] as const;
