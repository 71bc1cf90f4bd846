import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeliveryLost } from '../../../adapters/tasks/deliver.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { Priority } from '../../../core/events/task-events.ts';
import { settle } from '../../scripted-world.ts';
import { origin, RunnerGround, settled } from './runner-ground.ts';

describe('a call for which there is room', () => {
  it('goes to the container that its event names, without waiting', async () => {
    const ground = new RunnerGround();
    const { taskId, outcome } = await ground.accept('hello');
    await settled();
    expect(ground.handed[0]?.task).toMatchObject({
      id: taskId,
      command: 'hello',
      params: ['hello'],
      timeoutMs: 60_000,
    });
    expect(ground.eventsOf(taskId)[0]?.data).toMatchObject({ container: ground.handed[0]?.container, callback: null });
    ground.handed[0]?.end('Hello!');
    expect(await outcome).toEqual({ taskId, success: true, data: 'Hello!' });
    expect(ground.typesOf(taskId)).toEqual(['task.enqueued', 'task.completed']);
    expect(ground.runner.standing('localhost/demo')).toEqual({ running: 0, waiting: 0 });
  });

  it('keeps its place when nothing comes of storing it', async () => {
    const ground = new RunnerGround();
    ground.settings = { maxConcurrentTasks: 1, maxQueuedTasks: 0 };
    ground.beforeAppend = () => Promise.reject(new PloinkyError('DISK_FULL', 'no room'));
    await expect(ground.accept('lost')).rejects.toMatchObject({ code: 'DISK_FULL' });
    ground.beforeAppend = async () => {};
    await ground.accept('next');
    await settled();
    expect(ground.commands).toEqual(['next']);
  });
});

describe('calls over what may run', () => {
  it('wait, have their turn by priority and arrival, and only then a container', async () => {
    const ground = new RunnerGround();
    ground.settings = { maxConcurrentTasks: 1 };
    const first = await ground.accept('first');
    const low = await ground.accept('low', { priority: 'low' });
    const normal = await ground.accept('normal');
    const urgent = await ground.accept('urgent', { priority: 'urgent' });
    expect(ground.runner.standing('localhost/demo')).toEqual({ running: 1, waiting: 3 });
    expect(ground.eventsOf(low.taskId)[0]?.data).toMatchObject({ container: null, bootId: null, priority: 'low' });
    const order = ['first', 'urgent', 'normal', 'low'];
    for (const [i, command] of order.entries()) {
      await settled();
      expect(ground.commands).toEqual(order.slice(0, i + 1));
      ground.handed[i]?.end(command);
    }
    for (const { outcome } of [first, low, normal, urgent]) expect(await outcome).toMatchObject({ success: true });
    expect(ground.typesOf(normal.taskId)).toEqual(['task.enqueued', 'task.assigned', 'task.completed']);
    expect(ground.handed.every(({ container }) => container.startsWith('ploinky-'))).toBe(true);
    expect(ground.runner.standing('localhost/demo')).toEqual({ running: 0, waiting: 0 });
  });

  it('are refused where too many wait, before anything is stored', async () => {
    const ground = new RunnerGround();
    ground.settings = { maxConcurrentTasks: 1, maxQueuedTasks: 2 };
    for (const command of ['a', 'b', 'c']) await ground.accept(command);
    const before = ground.story.events.length;
    await expect(ground.accept('d')).rejects.toMatchObject({
      code: 'OVERLOADED',
      message: 'localhost/demo has 1 call running and 2 waiting, as many as may; try again in 1 s.',
      details: { running: 1, waiting: 2, retryAfterSeconds: 1 },
    });
    expect(ground.story.events).toHaveLength(before);
  });

  it('of a batch that there is never room for are refused without the advice to try again', async () => {
    const ground = new RunnerGround();
    ground.settings = { maxConcurrentTasks: 2, maxQueuedTasks: 0 };
    const batch = (n: number) => {
      const calls = Array.from({ length: n }, (_, i) => ground.call(`b${i}`));
      return ground.runner.acceptAll(calls, origin);
    };
    const never = { code: 'BATCH_TOO_LARGE', details: { calls: 3, room: 2 } };
    await expect(batch(3)).rejects.toMatchObject(never);
    expect(ground.runner.standing('localhost/demo')).toEqual({ running: 0, waiting: 0 });
    await ground.accept('before');
    await expect(batch(3)).rejects.toMatchObject(never);
    await expect(batch(2)).rejects.toMatchObject({
      code: 'OVERLOADED',
      details: { running: 2, waiting: 0, retryAfterSeconds: 1 },
    });
  });

  it('are never more than may be, whatever comes and ends, and each gets its outcome', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('call' as const), priority: fc.constantFrom<Priority>('urgent', 'normal', 'low') }),
      fc.record({ kind: fc.constant('end' as const), which: fc.nat(5) }),
      fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(20) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), async (steps, most) => {
        const ground = new RunnerGround();
        ground.settings = { maxConcurrentTasks: most, maxQueuedTasks: 4 };
        const outcomes: Promise<unknown>[] = [];
        const ids: string[] = [];
        const ended = new Set<number>();
        const endOne = (which: number) => {
          const open = ground.handed.map((_, i) => i).filter((i) => !ended.has(i));
          const one = open[which % Math.max(1, open.length)];
          if (one === undefined) return false;
          ended.add(one);
          ground.handed[one]?.end(one);
          return true;
        };
        for (const one of steps) {
          if (one.kind === 'end') endOne(one.which);
          else if (one.kind === 'cancel') {
            const id = ids[one.which];
            if (id !== undefined) await ground.runner.cancel(id, 'admin:k');
          } else {
            await ground.accept('x', { priority: one.priority }).then(
              ({ taskId, outcome }) => {
                ids.push(taskId);
                outcomes.push(outcome);
              },
              (error) => expect(error).toMatchObject({ code: 'OVERLOADED' }),
            );
          }
          await settled();
          const { running, waiting } = ground.runner.standing('localhost/demo');
          expect(running).toBeLessThanOrEqual(most);
          expect(waiting).toBeLessThanOrEqual(4);
          expect(ground.handed.length - ended.size).toBe(running);
          // Nobody waits while there is room.
          if (waiting > 0) expect(running).toBe(most);
        }
        do await settled();
        while (endOne(0));
        await Promise.all(outcomes);
        expect(ground.story.views.tasks.size).toBe(0);
        expect(ground.runner.standing('localhost/demo')).toEqual({ running: 0, waiting: 0 });
      }),
      { numRuns: 60 },
    );
  });

  it('wait for a container that went away, and get the one that serves next', async () => {
    const ground = new RunnerGround();
    ground.settings = { maxConcurrentTasks: 1 };
    await ground.accept('first');
    const { taskId, outcome } = await ground.accept('second');
    const [container] = ground.story.views.containers.values();
    const stream = `container:${container?.name}`;
    const exit = { exitCode: 1, signal: null, oomKilled: false, output: '', reason: 'ended' } as const;
    ground.story.tell({ type: 'container.exited', stream, data: exit });
    ground.handed[0]?.fail(new PloinkyError('TASK_OUTCOME_UNKNOWN', 'gone'));
    await settled();
    expect(ground.typesOf(taskId)).toEqual(['task.enqueued']);
    await expect(ground.accept('third')).rejects.toMatchObject({ code: 'AGENT_UNREACHABLE' });
    settle(ground.story);
    ground.runner.wake();
    await settled();
    ground.handed[1]?.end('done');
    expect(await outcome).toMatchObject({ data: 'done' });
    expect(ground.eventsOf(taskId)[1]?.data).toMatchObject({ container: container?.name });
  });

  it('end as not started when their deployment is removed', async () => {
    const ground = new RunnerGround();
    ground.settings = { maxConcurrentTasks: 1 };
    await ground.accept('first');
    const { taskId, outcome } = await ground.accept('second');
    ground.story.ask({ type: 'undeploy', domain: 'localhost', path: '/demo', reason: 'not needed' });
    ground.handed[0]?.end('done');
    expect(await outcome).toMatchObject({ success: false, error: { code: 'TASK_NOT_STARTED' } });
    expect(ground.eventsOf(taskId).at(-1)?.data).toMatchObject({ outcome: 'notStarted' });
  });
});

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

describe('taking a call back', () => {
  it('that waits ends it at once', async () => {
    const ground = new RunnerGround();
    ground.settings = { maxConcurrentTasks: 1 };
    await ground.accept('first');
    const { taskId, outcome } = await ground.accept('second');
    expect(await ground.runner.cancel(taskId, 'admin:k_1')).toBe(true);
    expect(await outcome).toMatchObject({ error: { code: 'TASK_CANCELLED' } });
    expect(ground.eventsOf(taskId).at(-1)).toMatchObject({
      type: 'task.cancelled',
      data: { reason: 'Taken back by admin:k_1 before it ran.' },
    });
    expect(ground.cancelled).toEqual([]);
  });

  it('that runs asks the agent, whose outcome counts', async () => {
    const ground = new RunnerGround();
    const { taskId, outcome } = await ground.accept('first');
    await settled();
    expect(await ground.runner.cancel(taskId, 'admin:k_1')).toBe(true);
    expect(ground.cancelled).toEqual([taskId]);
    ground.handed[0]?.end('It was done already.');
    expect(await outcome).toMatchObject({ success: true, data: 'It was done already.' });
    expect(await ground.runner.cancel(taskId, 'admin:k_1')).toBe(false);
  });
});

describe('an Idempotency-Key', () => {
  it('that came before gives the outcome of then, and takes no place', async () => {
    const ground = new RunnerGround();
    ground.settings = { maxConcurrentTasks: 1, maxQueuedTasks: 1 };
    const options = { idempotencyKey: 'k' };
    const first = await ground.runner.accept(ground.call('x'), origin, options);
    for (let i = 0; i < 3; i += 1) {
      const again = await ground.runner.accept(ground.call('x'), origin, options);
      expect(again.taskId).toBe(first.taskId);
    }
    await expect(ground.runner.accept(ground.call('y'), origin, options)).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
    await settled();
    ground.handed[0]?.end('once');
    expect(await first.outcome).toMatchObject({ data: 'once' });
    expect(ground.commands).toEqual(['x']);
    expect(ground.runner.standing('localhost/demo')).toEqual({ running: 0, waiting: 0 });
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

describe('a server that stops', () => {
  it('leaves what waits open in the log, and keeps nobody waiting', async () => {
    const ground = new RunnerGround();
    ground.settings = { maxConcurrentTasks: 1 };
    await ground.accept('first');
    const { taskId, outcome } = await ground.accept('second');
    ground.beforeAppend = () => Promise.reject(new PloinkyError('LOG_CLOSED', 'stopping'));
    ground.runner.close();
    await expect(outcome).rejects.toMatchObject({ code: 'LOG_CLOSED' });
    expect(ground.story.views.tasks.get(taskId)?.container).toBeNull();
  });

  it('and starts again: what waited has its turn, with what is left of its time', async () => {
    const ground = new RunnerGround();
    const [container] = ground.story.views.containers.values();
    const { story } = ground;
    const open = { taskId: 'old', deployment: 'localhost/demo', release: 1, command: 'x', params: ['stored'] };
    const rest = { container: null, bootId: null, runForUserId: 'u', timeoutMs: 5_000, callback: null };
    story.tell({ type: 'task.enqueued', stream: 'task:old', data: { ...open, ...rest, priority: 'low' } });
    const task = story.views.tasks.get('old');
    if (!task) throw new Error('it is not open');
    const outcome = ground.runner.takeUp(task, null, 700);
    await settled();
    expect(ground.handed[0]?.task).toMatchObject({ id: 'old', params: ['stored'] });
    expect(ground.handed[0]?.task.timeoutMs).toBeLessThanOrEqual(700);
    ground.handed[0]?.end('done');
    await outcome;
    expect(ground.eventsOf('old').map(({ type, cause }) => [type, cause])).toHaveLength(3);
    expect(ground.eventsOf('old')[1]?.data).toMatchObject({ container: container?.name });
  });

  it('and what ran has its place again before anything else is handed over, even before its agent was asked', async () => {
    const ground = new RunnerGround();
    ground.settings = { maxConcurrentTasks: 1 };
    const [container] = ground.story.views.containers.values();
    const rest = { bootId: null, runForUserId: 'u', timeoutMs: 5_000, callback: null, priority: 'normal' } as const;
    const open = { deployment: 'localhost/demo', release: 1, command: 'x', params: ['stored'] };
    const place = container?.name ?? '';
    ground.story.tell(
      { type: 'task.enqueued', stream: 'task:ran', data: { ...open, ...rest, taskId: 'ran', container: place } },
      { type: 'task.enqueued', stream: 'task:waited', data: { ...open, ...rest, taskId: 'waited', container: null } },
    );
    const { tasks } = ground.story.views;
    const [ran, waited] = [tasks.get('ran'), tasks.get('waited')];
    if (!ran || !waited || !container) throw new Error('they are not open');
    let answered: (ms: number | PloinkyError) => void = () => {};
    const asked = new Promise<number | PloinkyError>((resolve) => (answered = resolve));
    const outcomes = [ground.runner.takeUp(ran, container, asked), ground.runner.takeUp(waited, null, 5_000)];
    await settled();
    expect(ground.commands).toEqual([]);
    expect(ground.runner.standing('localhost/demo')).toEqual({ running: 1, waiting: 1 });
    answered(new PloinkyError('TASK_OUTCOME_UNKNOWN', 'The agent cannot say.'));
    await settled();
    expect(ground.handed.map(({ task }) => task.id)).toEqual(['waited']);
    ground.handed[0]?.end('done');
    expect(await Promise.all(outcomes)).toMatchObject([{ success: false }, { success: true }]);
    expect(ground.eventsOf('ran').at(-1)?.data).toMatchObject({ outcome: 'unknown' });
    expect(ground.runner.standing('localhost/demo')).toEqual({ running: 0, waiting: 0 });
  });

  it('and what was handed over by a former run is never told as not started because its agent refuses now', async () => {
    const ground = new RunnerGround();
    const [container] = ground.story.views.containers.values();
    const rest = { bootId: null, runForUserId: 'u', timeoutMs: 5_000, callback: null, priority: 'normal' } as const;
    const data = { deployment: 'localhost/demo', release: 1, command: 'x', params: [], taskId: 'ran', ...rest };
    ground.story.tell({
      ...{ type: 'task.enqueued', stream: 'task:ran' },
      data: { ...data, container: container?.name ?? '' },
    });
    const ran = ground.story.views.tasks.get('ran');
    if (!ran || !container) throw new Error('it is not open');
    const outcome = ground.runner.takeUp(ran, container, 5_000);
    await settled();
    ground.handed[0]?.fail(new PloinkyError('AGENT_UNREACHABLE', 'The agent does not accept connections.'));
    expect(await outcome).toMatchObject({ success: false, error: { code: 'TASK_OUTCOME_UNKNOWN' } });
    expect(ground.eventsOf('ran').at(-1)?.data).toMatchObject({ outcome: 'unknown' });
  });
});
