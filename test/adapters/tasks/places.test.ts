import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
