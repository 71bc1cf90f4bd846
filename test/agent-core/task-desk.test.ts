import { describe, expect, it } from 'vitest';
import { failed, type Outcome, succeeded } from '../../agent-core/outcome.ts';
import { readTask, type Task } from '../../agent-core/task.ts';
import { TaskDesk } from '../../agent-core/task-desk.ts';
import { TaskMemory } from '../../agent-core/task-memory.ts';

const task = (id: string, more: Partial<Task> = {}): Task => ({ ...readTask(`{"command":"hello"}`, id), ...more });
const limits = { count: 3, size: 1_000 };

describe('TaskDesk', () => {
  it('performs an id once: the second joins, the third gets what is remembered', async () => {
    let performed = 0;
    let finish: (outcome: Outcome) => void = () => {};
    const desk = new TaskDesk(new TaskMemory(limits), () => {
      performed++;
      return new Promise((resolve) => {
        finish = resolve;
      });
    });
    const both = [desk.submit(task('a')), desk.submit(task('a'))];
    expect(desk.standing('a')).toEqual({ state: 'running' });
    finish(succeeded('hello', 1));
    expect(await Promise.all([...both, desk.submit(task('a'))])).toEqual(Array(3).fill({ success: true, body: '1' }));
    expect(performed).toBe(1);
    expect(desk.standing('a')).toEqual({ state: 'ended', outcome: { success: true, body: '1' } });
  });

  it('has the outcome of a handler that returns at once without a promise, and remembers it', () => {
    const desk = new TaskDesk(new TaskMemory(limits), (run) => {
      expect(run.ended).toBe(false);
      return succeeded('hello', run.task.id);
    });
    const outcome = { success: true, body: '"a"' };
    expect(desk.submit(task('a'))).toEqual(outcome);
    expect(desk.submit(task('a'))).toEqual(outcome);
    expect(desk.standing('a')).toEqual({ state: 'ended', outcome });
  });

  it('says neverSeen only while it has forgotten nothing', async () => {
    const desk = new TaskDesk(new TaskMemory(limits), async () => succeeded('hello', null));
    for (const id of ['a', 'b', 'c']) await desk.submit(task(id));
    expect(desk.standing('x')).toEqual({ state: 'neverSeen' });
    await desk.submit(task('d'));
    expect(desk.standing('x')).toEqual({ state: 'unknown' });
    expect(desk.standing('a')).toEqual({ state: 'unknown' });
    expect(desk.standing('b')).toMatchObject({ state: 'ended' });
  });

  it('forgets by size, too, but never the newest', async () => {
    const desk = new TaskDesk(new TaskMemory(limits), async (run) =>
      succeeded('hello', 'x'.repeat(Number(run.task.params[0]))),
    );
    await desk.submit(task('a', { params: [600] }));
    await desk.submit(task('b', { params: [600] }));
    expect(desk.standing('a')).toEqual({ state: 'unknown' });
    await desk.submit(task('c', { params: [5_000] }));
    expect(desk.standing('c')).toMatchObject({ state: 'ended' });
  });

  it('keeps the newest, however many went before them', () => {
    const desk = new TaskDesk(new TaskMemory(limits), (run) => succeeded('hello', run.task.id));
    for (let i = 0; i < 5_000; i += 1) void desk.submit(task(`t${i}`));
    expect([4_995, 4_996, 4_997, 4_998, 4_999].map((i) => desk.standing(`t${i}`).state)).toEqual([
      'unknown',
      'unknown',
      'ended',
      'ended',
      'ended',
    ]);
  });

  it('ends a task once: what its handler says after a cancel is not heard', async () => {
    let finish: (outcome: Outcome) => void = () => {};
    const stopped: string[] = [];
    const desk = new TaskDesk(new TaskMemory(limits), (run) => {
      run.onStop = () => stopped.push(run.task.id);
      return new Promise((resolve) => {
        finish = resolve;
      });
    });
    const answer = desk.submit(task('a'));
    desk.cancel('a');
    finish(succeeded('hello', 'too late'));
    const cancelled = failed('TASK_CANCELLED', 'The task was cancelled while it ran.');
    expect(await answer).toEqual(cancelled);
    expect(desk.standing('a')).toEqual({ state: 'ended', outcome: cancelled });
    expect(stopped).toEqual(['a']);
  });

  it('is idle once nothing runs', async () => {
    let finish: (outcome: Outcome) => void = () => {};
    const desk = new TaskDesk(new TaskMemory(limits), () => new Promise((resolve) => (finish = resolve)));
    await desk.idle();
    void desk.submit(task('a'));
    const idle = desk.idle();
    finish(succeeded('hello', null));
    await idle;
    expect(desk.standing('a')).toMatchObject({ state: 'ended' });
  });
});

describe('readTask', () => {
  it('reads what older clients send', () => {
    expect(readTask('{"command":"hello","params":"World"}')).toMatchObject({
      command: 'hello',
      params: ['World'],
      runForUserId: null,
      timeoutMs: 30_000,
    });
    expect(readTask('{"command":"hello","params":null}').params).toEqual([]);
    expect(readTask('{"command":"hello"}').id).not.toBe(readTask('{"command":"hello"}').id);
  });

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['no command', '{}'],
    ['an empty command', '{"command":""}'],
    ['a command that is no text', '{"command":{"a":1}}'],
    ['an id with a way out', '{"command":"a","id":"../x"}'],
    ['an id of a file of another kind', '{"command":"a","id":"x.intermediate"}'],
    ['an id that is a number', '{"command":"a","id":7}'],
    ['a user that is no text', '{"command":"a","runForUserId":{}}'],
    ['a user with NUL', '{"command":"a","runForUserId":"a\\u0000"}'],
    ['no time', '{"command":"a","timeoutMs":0}'],
    ['more time than a timer has', '{"command":"a","timeoutMs":1e12}'],
    ['time as text', '{"command":"a","timeoutMs":"1"}'],
  ])('refuses %s', (_what, text) => {
    expect(() => readTask(text)).toThrow();
  });
});
