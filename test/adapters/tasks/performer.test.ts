import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeliveryLost } from '../../../adapters/tasks/deliver.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { origin, RunnerGround, settled } from './runner-ground.ts';

describe('the time of a call', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is over while it waits: it never reaches the agent, and says so', async () => {
    const ground = new RunnerGround();
    ground.settings = { maxConcurrentTasks: 1 };
    await ground.accept('first');
    const { taskId, outcome } = await ground.accept('late', { timeoutMs: 500 });
    vi.advanceTimersByTime(500);
    expect(await outcome).toMatchObject({
      success: false,
      error: {
        code: 'TASK_TIMEOUT',
        message: 'late waited 500 ms for its turn and did not run; it is safe to call again.',
      },
    });
    expect(ground.eventsOf(taskId).at(-1)).toMatchObject({ type: 'task.timedOut', data: { started: false } });
    ground.handed[0]?.end('done');
    await settled();
    expect(ground.commands).toEqual(['first']);
  });

  it('counts from acceptance: the agent is given what is left of it', async () => {
    const ground = new RunnerGround();
    ground.settings = { maxConcurrentTasks: 1 };
    await ground.accept('first');
    await ground.accept('second', { timeoutMs: 500 });
    vi.advanceTimersByTime(200);
    ground.handed[0]?.end('done');
    await settled();
    expect(ground.handed[1]?.task.timeoutMs).toBe(300);
  });

  it('ends a call of an agent that does not keep it, a second later', async () => {
    const ground = new RunnerGround();
    const { taskId, outcome } = await ground.accept('hangs', { timeoutMs: 500 });
    await settled();
    vi.advanceTimersByTime(1_499);
    await settled();
    expect(ground.typesOf(taskId)).toEqual(['task.enqueued']);
    vi.advanceTimersByTime(1);
    expect(await outcome).toMatchObject({
      error: { code: 'TASK_TIMEOUT', message: 'hangs did not answer within 500 ms.' },
    });
    expect(ground.eventsOf(taskId).at(-1)).toMatchObject({ type: 'task.timedOut', data: { started: true } });
  });

  it('goes on while the log cannot be written, and the turn of a call with it', async () => {
    const ground = new RunnerGround();
    ground.settings = { maxConcurrentTasks: 1 };
    await ground.accept('first');
    const { taskId, outcome } = await ground.accept('second');
    let full = true;
    ground.beforeAppend = async ([draft]) => {
      if (full && draft?.type === 'task.assigned') throw new PloinkyError('DISK_FULL', 'no room');
    };
    ground.handed[0]?.end('done');
    await settled();
    expect(ground.commands).toEqual(['first']);
    full = false;
    vi.advanceTimersByTime(1_000);
    await settled();
    ground.handed[1]?.end('late but done');
    expect(await outcome).toMatchObject({ data: 'late but done' });
    expect(ground.typesOf(taskId)).toEqual(['task.enqueued', 'task.assigned', 'task.completed']);
  });

  it('is over between its turn and the agent: it is not handed over', async () => {
    const ground = new RunnerGround();
    ground.settings = { maxConcurrentTasks: 1 };
    await ground.accept('first');
    const { outcome } = await ground.accept('second', { timeoutMs: 500 });
    let durable = () => {};
    ground.beforeAppend = ([draft]) => {
      if (draft?.type !== 'task.assigned') return Promise.resolve();
      return new Promise((resolve) => {
        durable = resolve;
      });
    };
    ground.handed[0]?.end('done');
    await settled();
    vi.advanceTimersByTime(500);
    durable();
    expect(await outcome).toMatchObject({ error: { code: 'TASK_TIMEOUT' } });
    expect(ground.commands).toEqual(['first']);
  });
});

describe('somebody else who talks to the agent', () => {
  it('gets container and task, and its outcome counts', async () => {
    const ground = new RunnerGround();
    const reply = await ground.runner.call(ground.call('x'), origin, {
      deliver: async (container, task) => ({ success: true, data: [container.status, task.command] }),
    });
    expect(reply).toMatchObject({ data: ['healthy', 'x'] });
    expect(ground.commands).toEqual([]);
  });

  it('and is gone: the task is taken up here, under the same id', async () => {
    const ground = new RunnerGround();
    const { taskId, outcome } = await ground.runner.accept(ground.call('x'), origin, {
      deliver: () => Promise.reject(new DeliveryLost('the worker ended')),
    });
    await settled();
    expect(ground.handed[0]?.task.id).toBe(taskId);
    ground.handed[0]?.end('done');
    expect(await outcome).toMatchObject({ data: 'done' });
  });
});

describe('a call that its container refuses', () => {
  const refusal = () => new PloinkyError('AGENT_UNREACHABLE', 'The agent does not accept connections.');
  const assignedTo = (ground: RunnerGround, taskId: string) =>
    ground.eventsOf(taskId).flatMap(({ type, data }) => (type === 'task.assigned' ? [data.container] : []));

  it('ends as not started where there is no other', async () => {
    const ground = new RunnerGround();
    const { taskId, outcome } = await ground.accept('x');
    await settled();
    ground.handed[0]?.fail(refusal());
    expect(await outcome).toMatchObject({ error: { code: 'AGENT_UNREACHABLE' } });
    expect(ground.typesOf(taskId)).toEqual(['task.enqueued', 'task.failed']);
    expect(ground.eventsOf(taskId).at(-1)?.data).toMatchObject({ outcome: 'notStarted' });
  });

  it('goes to another one at once, which is durable before that one is asked', async () => {
    const ground = new RunnerGround(3);
    const { taskId, outcome } = await ground.accept('x');
    await settled();
    const first = ground.handed[0];
    first?.fail(refusal());
    await settled();
    const second = ground.handed[1];
    expect(second?.task).toMatchObject({ id: taskId, params: ['x'] });
    expect(second?.container).not.toBe(first?.container);
    expect(assignedTo(ground, taskId)).toEqual([second?.container]);
    second?.end('done');
    expect(await outcome).toMatchObject({ success: true, data: 'done' });
    expect(ground.typesOf(taskId)).toEqual(['task.enqueued', 'task.assigned', 'task.completed']);
    expect(ground.runner.standing('localhost/demo')).toEqual({ running: 0, waiting: 0 });
    for (const container of ground.story.views.containers.values())
      expect(ground.runner.load.running(container)).toBe(0);
  });

  it('is refused by each of them at most once', async () => {
    const ground = new RunnerGround(3);
    const { taskId, outcome } = await ground.accept('x');
    for (let i = 0; i < 3; i += 1) {
      await settled();
      ground.handed[i]?.fail(refusal());
    }
    expect(await outcome).toMatchObject({ error: { code: 'AGENT_UNREACHABLE' } });
    expect(new Set(ground.handed.map(({ container }) => container)).size).toBe(3);
    expect(ground.handed).toHaveLength(3);
    expect(ground.typesOf(taskId)).toEqual(['task.enqueued', 'task.assigned', 'task.assigned', 'task.failed']);
    expect(ground.eventsOf(taskId).at(-1)?.data).toMatchObject({ outcome: 'notStarted' });
  });

  it('stays where it is when it may have arrived', async () => {
    const ground = new RunnerGround(3);
    const { outcome } = await ground.accept('x');
    await settled();
    ground.handed[0]?.fail(new PloinkyError('TASK_OUTCOME_UNKNOWN', 'broken'));
    expect(await outcome).toMatchObject({ error: { code: 'TASK_OUTCOME_UNKNOWN' } });
    expect(ground.handed).toHaveLength(1);
  });

  it('stays where it is when somebody who is gone may have delivered it', async () => {
    const ground = new RunnerGround(3);
    const { outcome } = await ground.runner.accept(ground.call('x'), origin, {
      deliver: () => Promise.reject(new DeliveryLost('the worker ended')),
    });
    await settled();
    ground.handed[0]?.fail(refusal());
    expect(await outcome).toMatchObject({ error: { code: 'TASK_OUTCOME_UNKNOWN' } });
    expect(ground.handed).toHaveLength(1);
  });

  it('is not handed over when it was taken back before the other one had it', async () => {
    const ground = new RunnerGround(2);
    const { taskId, outcome } = await ground.accept('x');
    await settled();
    let store = () => {};
    ground.beforeAppend = () => new Promise((resolve) => (store = resolve));
    ground.handed[0]?.fail(refusal());
    await settled();
    expect(await ground.runner.cancel(taskId, 'admin:k')).toBe(true);
    ground.beforeAppend = async () => {};
    store();
    expect(await outcome).toMatchObject({ error: { code: 'TASK_CANCELLED' } });
    expect(ground.handed).toHaveLength(1);
  });

  it('waits for its turn where the others are full', async () => {
    const ground = new RunnerGround(2);
    vi.spyOn(ground.runner.load, 'hasRoom').mockImplementation((one) => ground.runner.load.running(one) === 0);
    const busy = await ground.accept('busy');
    const { taskId, outcome } = await ground.accept('x');
    await settled();
    ground.handed[1]?.fail(refusal());
    await settled();
    expect(ground.handed).toHaveLength(2);
    expect(ground.runner.standing('localhost/demo')).toEqual({ running: 1, waiting: 1 });
    ground.handed[0]?.end('free');
    await busy.outcome;
    await settled();
    expect(ground.handed[2]).toMatchObject({
      container: ground.handed[0]?.container,
      task: { id: taskId, params: ['x'] },
    });
    ground.handed[2]?.end('done');
    expect(await outcome).toMatchObject({ data: 'done' });
    expect(ground.runner.standing('localhost/demo')).toEqual({ running: 0, waiting: 0 });
  });
});
