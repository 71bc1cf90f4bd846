import { type Static, Type } from 'typebox';
import { defineEvent, Nullable, Problem, Text } from './define.ts';

const task = 'task:<taskId>';

const Ended = {
  taskId: Type.String(),
  durationMs: Type.Number({ description: 'from enqueued to outcome' }),
  /** Repeated from `task.enqueued`, so that metrics fold without a join. */
  deployment: Type.String(),
  command: Type.String(),
};

export const Priority = Type.Union([Type.Literal('urgent'), Type.Literal('normal'), Type.Literal('low')]);
export type Priority = Static<typeof Priority>;

export const taskEvents = [
  defineEvent(
    'task.enqueued',
    task,
    'A call was accepted.',
    Type.Object({
      taskId: Type.String(),
      deployment: Type.String(),
      release: Type.Integer({ description: 'that served then' }),
      container: Nullable(Type.String({ description: 'that gets it now; null: it waits, and task.assigned will say' })),
      bootId: Nullable(Type.String()),
      command: Type.String(),
      params: Type.Unknown({ description: 'JSON array, or a blob reference' }),
      runForUserId: Type.String(),
      timeoutMs: Type.Integer({ description: 'from this event on, waiting included' }),
      priority: Priority,
      callback: Nullable(Type.String({ description: 'URL that is told the outcome' })),
    }),
    {
      v: 2,
      payload: ['params'],
      upcast: (data) => ({ ...(data as object), priority: 'normal', callback: null }),
    },
  ),
  defineEvent(
    'task.assigned',
    task,
    'A call that waited, or that its container refused, is about to be handed to a container. Before this it certainly did not run.',
    Type.Object({
      taskId: Type.String(),
      release: Type.Integer(),
      container: Type.String(),
      bootId: Nullable(Type.String()),
    }),
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
    Type.Object({
      ...Ended,
      timeoutMs: Type.Integer(),
      started: Type.Boolean({ description: 'false: it was still waiting, and never ran' }),
    }),
    { v: 2, upcast: (data) => ({ ...(data as object), started: true }) },
  ),
  defineEvent(
    'task.cancelled',
    task,
    'Somebody took it back.',
    Type.Object({ ...Ended, reason: Nullable(Text('why')) }),
  ),
  defineEvent(
    'task.callbackDue',
    task,
    'The outcome is to be told to the URL that the caller named.',
    Type.Object({ taskId: Type.String(), url: Type.String() }),
  ),
  defineEvent(
    'task.callbackDelivered',
    task,
    'The URL of the caller took the outcome.',
    Type.Object({
      taskId: Type.String(),
      attempt: Type.Integer({ minimum: 1 }),
      status: Type.Integer({ description: 'of the answer, 200 to 299' }),
    }),
  ),
  defineEvent(
    'task.callbackFailed',
    task,
    'The URL of the caller did not take the outcome.',
    Type.Object({
      taskId: Type.String(),
      attempt: Type.Integer({ minimum: 1 }),
      problem: Problem,
      final: Type.Boolean({ description: 'true: it is not tried again' }),
    }),
  ),
] as const;
