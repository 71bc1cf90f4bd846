import { describe, expect, it } from 'vitest';
import { resumeTask } from '../../decisions/resume-task.ts';
import type { OpenTask } from '../../projections/tasks.ts';

const task: OpenTask = {
  taskId: 't',
  deployment: 'localhost/demo',
  release: 1,
  container: 'c',
  bootId: 'boot',
  command: 'hello',
  params: [],
  runForUserId: 'u',
  timeoutMs: 1_000,
  priority: 'normal',
  callback: null,
  enqueuedAt: '2026-01-01T00:00:00.000Z',
  lastEvent: 'e',
  trace: 't',
};
const early = Date.parse(task.enqueuedAt) + 10;
const late = Date.parse(task.enqueuedAt) + 5_000;

describe('a task that was under way when the server ended', () => {
  it('is joined when the agent knows it', () => {
    expect(resumeTask(task, { state: 'running' }, late)).toEqual({ kind: 'join' });
    expect(resumeTask(task, { state: 'ended' }, late)).toEqual({ kind: 'join' });
  });

  it('is handed over when the same AgentCore never saw it and there is time left', () => {
    expect(resumeTask(task, { state: 'neverSeen', bootId: 'boot' }, early)).toEqual({
      kind: 'deliver',
      timeLeftMs: 990,
    });
  });

  it('is ended as not started when its time is up', () => {
    expect(resumeTask(task, { state: 'neverSeen', bootId: 'boot' }, late)).toMatchObject({
      kind: 'fail',
      outcome: 'notStarted',
    });
  });

  it.each([
    ['another AgentCore answers', { state: 'neverSeen', bootId: 'other' }],
    ['the agent has forgotten', { state: 'unknown', bootId: 'boot' }],
    ['nobody answers', { state: 'gone' }],
  ] as const)('is ended as unknown when %s', (_, recollection) => {
    expect(resumeTask(task, recollection, early)).toMatchObject({ kind: 'fail', outcome: 'unknown' });
  });

  it('waits on when it still waited, for as long as it has left', () => {
    const waiting = { ...task, container: null, bootId: null };
    expect(resumeTask(waiting, { state: 'gone' }, early)).toEqual({ kind: 'wait', timeLeftMs: 990 });
    expect(resumeTask(waiting, { state: 'gone' }, late)).toEqual({ kind: 'wait', timeLeftMs: 0 });
  });

  it('is never handed over where nobody knows which AgentCore got it', () => {
    const unsaid = { ...task, bootId: null };
    expect(resumeTask(unsaid, { state: 'neverSeen', bootId: 'boot' }, early)).toMatchObject({ outcome: 'unknown' });
  });
});
