import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isTaskEnd } from '../../decisions/task-end.ts';
import { eventually } from '../crash/operator.ts';
import { Ground } from '../trouble/ground.ts';
import { makeGatedRepository } from './gated-agent.ts';

interface Accepted {
  readonly taskId: string;
  readonly url: string;
}

/** Everything about calls that wait, are not waited for, taken back or made together, on a real server of so many workers. */
export function callSuite(workersCount: number): void {
  let ground: Ground;
  let gates = '';

  beforeAll(async () => {
    ground = await Ground.make({ settings: { workersCount } });
    // The number of processes counts from the next start on.
    if (workersCount > 1) {
      await ground.server.kill('SIGTERM');
      await ground.server.start();
    }
    gates = join(ground.folder, 'gates');
    await ground.addRepository('own', makeGatedRepository(join(ground.folder, 'r'), 2));
    mkdirSync(gates);
    await ground.deployed('/gated', 'gated', { environment: { GATES: gates } });
  });
  afterAll(() => ground?.clear());
  beforeEach(() => mkdirSync(gates, { recursive: true }));
  afterEach(async () => {
    open();
    await eventually('the end of every call', 20, async () => {
      return Object.keys((await ground.state()).tasks).length === 0 ? true : undefined;
    });
    rmSync(gates, { recursive: true });
  });

  /** Lets that call go on, or every one. */
  function open(name?: string): void {
    writeFileSync(join(gates, name === undefined ? 'open' : `open-${name}`), '');
  }

  /** The calls that the agent has got, in their order. */
  function began(): string[] {
    const path = join(gates, 'began');
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  }

  function beganMore(count: number): Promise<string[]> {
    return eventually(`the beginning of ${count} calls`, 20, async () =>
      began().length >= count ? began() : undefined,
    );
  }

  async function ask(name: string, headers: Record<string, string> = {}): Promise<Accepted> {
    const response = await fetch(`${ground.server.url}/gated/pass`, {
      method: 'POST',
      headers: { prefer: 'respond-async', ...headers },
      body: JSON.stringify([name]),
    });
    const body = (await response.json()) as Accepted;
    expect(response.status, JSON.stringify(body)).toBe(202);
    return body;
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  async function look({ url }: Accepted, wait?: number): Promise<any> {
    const headers: Record<string, string> = wait === undefined ? {} : { prefer: `wait=${wait}` };
    return (await fetch(ground.server.url + url, { headers })).json();
  }

  async function typesOf({ taskId }: Accepted): Promise<string[]> {
    const events = await ground.operator.history('type=task.*&limit=10000');
    return events.filter(({ stream }) => stream === `task:${taskId}`).map(({ type }) => type);
  }

  describe('calls over the concurrency of their manifest', () => {
    it('wait, and have their turn by priority', async () => {
      const first = await ask('a');
      await ask('b');
      await beganMore(2);
      const low = await ask('low', { 'x-task-priority': 'low' });
      await ask('normal');
      await ask('urgent', { 'x-task-priority': 'urgent' });
      expect(await look(first)).toMatchObject({ state: 'running', endedAt: null });
      expect(await look(low)).toMatchObject({ state: 'waiting' });
      open('a');
      const [one, two, third] = await beganMore(3);
      // Two workers may hand over the first two, each in its own time.
      expect(new Set([one, two])).toEqual(new Set(['a', 'b']));
      expect(third).toBe('urgent');
      open('b');
      await beganMore(4);
      open('urgent');
      expect((await beganMore(5)).slice(3)).toEqual(['normal', 'low']);
      open();
      expect(await look(low, 20)).toMatchObject({ state: 'completed', success: true, data: 'low' });
      expect(await typesOf(low)).toEqual(['task.enqueued', 'task.assigned', 'task.completed']);
      expect(await typesOf(first)).toEqual(['task.enqueued', 'task.completed']);
    });

    it('never reach the agent when their time is up', async () => {
      await Promise.all([ask('a'), ask('b')]);
      await beganMore(2);
      const late = await ask('late', { 'x-task-timeout': '150' });
      expect(await look(late, 20)).toMatchObject({
        state: 'timedOut',
        error: { code: 'TASK_TIMEOUT', message: expect.stringContaining('did not run') },
      });
      expect(began()).not.toContain('late');
    });

    it('are refused where too many wait, and told when to come back', async () => {
      await ground.operator.set({ maxQueuedTasks: 1 });
      await Promise.all([ask('a'), ask('b')]);
      await ask('c');
      const response = await fetch(`${ground.server.url}/gated/hello`, { method: 'POST', body: '["Ann"]' });
      expect(response.status).toBe(429);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      await ground.operator.set({ maxQueuedTasks: 1_000 });
    });
  });

  describe('taking a call back', () => {
    const cancel = ({ url }: Accepted) => fetch(ground.server.url + url, { method: 'DELETE' });

    it('that waits ends it before it runs', async () => {
      await Promise.all([ask('a'), ask('b')]);
      await beganMore(2);
      const waiting = await ask('waiting');
      const response = await cancel(waiting);
      expect([response.status, await response.json()]).toMatchObject([200, { state: 'cancelled' }]);
      open();
      expect(await typesOf(waiting)).toEqual(['task.enqueued', 'task.cancelled']);
      expect(began()).not.toContain('waiting');
    });

    it('that runs ends it in the agent', async () => {
      const running = await ask('running');
      await beganMore(1);
      const response = await cancel(running);
      expect([response.status, await response.json()]).toMatchObject([
        200,
        { state: 'cancelled', error: { message: 'Taken back by anonymous while it ran.' } },
      ]);
      expect((await cancel(running)).status).toBe(200);
    });

    it('that has ended changes nothing', async () => {
      open();
      const ended = await ask('ended');
      await look(ended, 20);
      expect((await cancel(ended)).status).toBe(409);
      expect(await look(ended)).toMatchObject({ state: 'completed' });
    });
  });

  describe('a batch', () => {
    it('has an outcome for each call, in their order', async () => {
      const calls = ['"Ann"', '{"command":"nope"}', '{"command":"hello","params":["Bob"]}'];
      const response = await fetch(`${ground.server.url}/gated/hello`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': 'batch-1' },
        body: calls.join('\n'),
      });
      const lines = (await response.text()).trim().split('\n');
      const answers = lines.map((line) => JSON.parse(line) as { taskId: string });
      expect(answers).toMatchObject([
        { status: 200, data: 'Hello, Ann!' },
        { status: 404, error: { code: 'COMMAND_NOT_FOUND' } },
        { status: 200, data: 'Hello, Bob!' },
      ]);
      const again = await fetch(`${ground.server.url}/gated/hello`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': 'batch-1' },
        body: calls.join('\n'),
      });
      expect((await again.text()).trim().split('\n')).toEqual(lines);
      const ids = answers.map(({ taskId }) => taskId);
      const events = await ground.operator.history('type=task.enqueued&limit=1000');
      const seqs = events.filter(({ stream }) => ids.includes(stream.slice(5))).map(({ seq }) => seq);
      expect(seqs).toEqual([seqs[0], (seqs[0] ?? 0) + 1, (seqs[0] ?? 0) + 2]);
    });

    it('is accepted as a whole or not at all', async () => {
      await ground.operator.set({ maxQueuedTasks: 3 });
      const head = await ground.head();
      const response = await fetch(`${ground.server.url}/gated/hello`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: '"x"\n'.repeat(6),
      });
      // Two run and three wait at the most: waiting would not help six.
      expect(response.status).toBe(413);
      expect(await ground.askedSince(head)).toEqual([]);
      await ground.operator.set({ maxQueuedTasks: 1_000 });
    });
  });

  describe('a server that is killed', () => {
    let receiver: Server;
    const told: { taskId: string; state: string }[] = [];
    let refuse = true;

    beforeAll(async () => {
      receiver = createServer((request, response) => {
        let body = '';
        request.setEncoding('utf8').on('data', (text) => {
          body += text;
        });
        request.on('end', () => {
          if (!refuse) told.push(JSON.parse(body));
          response.writeHead(refuse ? 503 : 200).end();
        });
      });
      receiver.listen(0, '127.0.0.1');
      await once(receiver, 'listening');
    });
    afterAll(() => receiver.close());

    it('gives what ran and what waited its outcome once, and tells those who asked for it', async () => {
      const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
      const headers = { 'x-callback-url': url, 'x-task-timeout': '60000' };
      const running = [await ask('a', headers), await ask('b', headers)];
      await beganMore(2);
      const waiting = [await ask('c', { ...headers, 'x-task-priority': 'low' }), await ask('d', headers)];
      // Its callback is refused before the end of the server.
      const early = await ask('early', { ...headers, 'x-task-priority': 'urgent' });
      expect((await fetch(ground.server.url + early.url, { method: 'DELETE' })).status).toBe(200);
      await eventually('the first refusal', 20, async () => {
        return (await typesOf(early)).includes('task.callbackFailed') ? true : undefined;
      });
      await ground.server.kill();
      refuse = false;
      await ground.server.start();
      open();
      const all = [...running, ...waiting];
      for (const task of all) expect(await look(task, 30)).toMatchObject({ state: 'completed', success: true });
      await eventually('every callback', 30, async () => (told.length >= 5 ? true : undefined));
      expect(told.map(({ taskId }) => taskId).toSorted()).toEqual(
        [...all, early].map(({ taskId }) => taskId).toSorted(),
      );
      expect(told.find(({ taskId }) => taskId === early.taskId)?.state).toBe('cancelled');
      // Each reached the agent once, and what waited kept its order.
      expect(began().slice(0, 2).toSorted()).toEqual(['a', 'b']);
      expect(began().slice(2).toSorted()).toEqual(['c', 'd']);
      for (const task of [...all, early]) {
        // Whoever is told has it before the log has that it was told.
        const types = await eventually('the event of the callback', 20, async () => {
          const found = await typesOf(task);
          return found.at(-1) === 'task.callbackDelivered' ? found : undefined;
        });
        expect(types.filter((type) => isTaskEnd({ type }))).toHaveLength(1);
      }
    });
  });
}
