import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../crash/operator.ts';
import { ClusterGround, ended } from './cluster-ground.ts';

interface Ended {
  readonly taskId: string;
}

describe('a server with workers, when one of its processes ends', () => {
  let ground: ClusterGround;
  let last = 0;
  beforeAll(async () => {
    ground = await ClusterGround.make(2);
  });
  afterAll(() => ground?.clear());

  /** Calls without a pause over so many connections, until told to stop. What was answered is noted, what broke is not. */
  function callers(count: number, waitMs: number) {
    const replies = new Map<string, { taskId: string; status: number }>();
    let broken = 0;
    let stopped = false;
    const agent = new Agent({ keepAlive: true, maxSockets: count });
    const one = async () => {
      while (!stopped) {
        last += 1;
        const nonce = `n${last}`;
        try {
          const { status, body } = await ground.call([nonce, waitMs], agent);
          replies.set(nonce, { taskId: body.taskId, status });
        } catch {
          broken += 1;
        }
      }
    };
    const running = Array.from({ length: count }, one);
    return {
      replies,
      broken: () => broken,
      /** Until so many more were answered. */
      more: (answers: number) => {
        const goal = replies.size + answers;
        return eventually(`${answers} more answers`, 20, async () => replies.size >= goal || undefined);
      },
      async stop() {
        stopped = true;
        await Promise.all(running);
        agent.destroy();
      },
    };
  }

  /** Each answered call has one outcome in the log, and ran once; and nothing that was accepted is without one. */
  async function expectEachOnce(replies: ReadonlyMap<string, { taskId: string; status: number }>) {
    const types = ['task.enqueued', 'task.completed', 'task.failed', 'task.timedOut', 'task.cancelled'];
    await eventually('every accepted call has its outcome', 20, async () => {
      const [open, over] = await counts(types);
      return open === over || undefined;
    });
    const outcomes = new Map<string, number>();
    for (const type of types.slice(1)) {
      for (const { data } of await ground.operator.history(`type=${type}&limit=100000`)) {
        const { taskId } = data as Ended;
        outcomes.set(taskId, (outcomes.get(taskId) ?? 0) + 1);
      }
    }
    expect([...outcomes.values()].every((times) => times === 1)).toBe(true);
    for (const [nonce, { taskId, status }] of replies)
      expect([nonce, status, outcomes.get(taskId)]).toEqual([nonce, 200, 1]);
    const { body } = await ground.ask('POST', '/counter/report');
    expect(Object.entries(body.data.runs).filter(([, times]) => times !== 1)).toEqual([]);
  }

  async function counts(types: readonly string[]): Promise<[number, number]> {
    let over = 0;
    for (const type of types.slice(1)) over += (await ground.operator.history(`type=${type}&limit=100000`)).length;
    return [(await ground.operator.history(`type=${types[0]}&limit=100000`)).length, over];
  }

  it('loses no acknowledged call of a worker that is killed under load, serves on, and replaces it', async () => {
    const before = await ground.workersServing(2);
    const load = callers(12, 5);
    await load.more(50);
    const victim = before[0]?.pid as number;
    process.kill(victim, 'SIGKILL');
    // The port is never closed: whoever comes now is served at once.
    const fresh = await Promise.all(Array.from({ length: 20 }, (_, n) => ground.call([`fresh${n}`, 0])));
    expect(fresh.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    await load.more(50);
    const after = await ground.workersServing(2, [victim]);
    expect(after.map(({ restarts }) => restarts).sort()).toEqual([0, 1]);
    await load.more(20);
    await load.stop();
    // Those that the dead one was about to answer, and no others.
    expect(load.broken()).toBeLessThanOrEqual(12);
    await expectEachOnce(load.replies);
  });

  it('serves again when all workers were killed at once, and refuses no connection meanwhile', async () => {
    const pids = (await ground.workersServing(2)).map(({ pid }) => pid);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    // Accepted by the process that has the port, and kept for the next worker.
    const replies = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => ground.call([`kept${n}`, 0])));
    expect(replies.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    expect((await ground.call(['after', 0])).status).toBe(200);
    await ground.workersServing(2, pids);
  });

  it('ends its workers when the process that owns the log is killed, and takes up what was open', async () => {
    const workers = (await ground.workersServing(2)).map(({ pid }) => pid);
    const load = callers(6, 20);
    await load.more(30);
    const slow = ground.call(['slow', 1_500]).catch(() => 'cut off');
    await load.more(10);
    await ground.server.kill('SIGKILL');
    await load.stop();
    expect(await slow).toBe('cut off');
    await eventually('the workers end', 5, async () => workers.every(ended) || undefined);
    await ground.server.start();
    await ground.workersServing(2);
    await expectEachOnce(load.replies);
    const enqueued = await ground.operator.history('type=task.enqueued&limit=100000');
    const open = enqueued.find(({ data }) => (data as { params: unknown[] }).params[0] === 'slow');
    const completed = await ground.operator.history('type=task.completed&limit=100000');
    const taskId = (open?.data as Ended | undefined)?.taskId;
    expect(taskId).toBeTypeOf('string');
    expect(completed.filter(({ data }) => (data as Ended).taskId === taskId)).toHaveLength(1);
  });

  it('finishes answers under way when it is stopped, and leaves no worker behind', async () => {
    const workers = (await ground.workersServing(2)).map(({ pid }) => pid);
    const underWay = Array.from({ length: 8 }, (_, n) => ground.call([`last${n}`, 800]));
    await eventually('the calls are under way', 5, async () => {
      const text = (await ground.operator.request('GET', '/metrics')).body as string;
      return /^ploinky_calls_in_flight 8$/m.test(text) || undefined;
    });
    const stopped = ground.server.kill('SIGTERM');
    expect((await Promise.all(underWay)).map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    await stopped;
    expect(workers.every(ended)).toBe(true);
    await ground.server.start();
    await ground.workersServing(2);
  });
});
