import { describe, expect, it } from 'vitest';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { origin, RunnerGround, settled } from './runner-ground.ts';

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
