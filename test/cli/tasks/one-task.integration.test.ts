import { describe, expect, it } from 'vitest';
import { Desk } from '../desk.ts';
import { refusal, type SeenRequest } from '../scripted-server.ts';

const known = { taskId: 't1', deployment: 'localhost/demo', command: 'slow', acceptedAt: 'then', expires: null };
const open = { ...known, state: 'waiting', endedAt: null };
const done = { ...known, state: 'completed', endedAt: 'later', success: true, data: { n: 1 } };
const error = { code: 'TASK_CANCELLED', message: 'Taken back.', hint: null, details: null };
const cancelled = { ...known, state: 'cancelled', endedAt: 'later', success: false, error };

describe('one task', () => {
  it('is told as it is', () =>
    Desk.useWith({ 'GET /client/tasks/t1': { body: open } }, async (desk) => {
      const { exit, stdout } = await desk.run(['cloud', 'task', 't1']);
      expect([exit, stdout]).toEqual([0, 't1  waiting\n  Called   slow of localhost/demo\n']);
      expect(JSON.parse((await desk.run(['cloud', 'task', 't1', '--json'])).stdout)).toEqual(open);
    }));

  it('is waited for with --wait, however often that takes', () => {
    const answers = [open, open, done];
    const script = (request: SeenRequest) => {
      expect(request.headers.prefer).toBe('wait=25');
      return { body: answers.shift() };
    };
    return Desk.useWith({ 'GET /client/tasks/t1': script }, async (desk) => {
      const { exit, stdout } = await desk.run(['cloud', 'task', 't1', '--wait']);
      expect([exit, stdout]).toEqual([0, 't1  completed\n  Called   slow of localhost/demo\n  Result   {"n":1}\n']);
    });
  });

  it('that failed ends with 1', () =>
    Desk.useWith({ 'GET /client/tasks/t1': { body: cancelled } }, async (desk) => {
      const { exit, stdout } = await desk.run(['cloud', 'task', 't1']);
      expect([exit, stdout.includes('  Problem  TASK_CANCELLED Taken back.\n')]).toEqual([1, true]);
    }));

  it('is taken back by its caller, and by an administrator', () =>
    Desk.useWith(
      {
        'DELETE /client/tasks/t1': { body: cancelled },
        'GET /client/tasks/t1': { body: cancelled },
        'DELETE /management/api/tasks/t1': { body: cancelled },
        'DELETE /management/api/tasks/t2': refusal(409, 'TASK_ENDED', 'It has its outcome already.'),
      },
      async (desk, server) => {
        expect((await desk.run(['cloud', 'task', 't1', '--cancel'])).exit).toBe(0);
        expect(server.seen.map(({ method }) => method)).toEqual(['DELETE', 'GET']);
        const { exit, stdout } = await desk.run(['cloud', 'tasks', 'cancel', 't1']);
        expect([exit, stdout.startsWith('t1  cancelled\n')]).toEqual([0, true]);
        expect((await desk.run(['cloud', 'tasks', 'cancel', 't2'])).exit).toBe(1);
      },
    ));
});
