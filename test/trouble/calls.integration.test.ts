import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import { makeRepository } from './agents.ts';
import { expectProblem, Ground } from './ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await Ground.make({ settings: { bodyLimitBytes: 1_048_576 } });
  await ground.addRepository('own', makeRepository(join(ground.folder, 'r')));
  await Promise.all([
    ground.deployed('/good', 'good'),
    ground.deployed('/programs', 'programs'),
    ground.deployed('/liar', 'liar'),
  ]);
});
afterAll(() => ground?.clear());
afterEach(async () => {
  await ground.answers();
  const { status, body } = await ground.call('/good', 'hello', ['World']);
  expect([status, body.data], JSON.stringify(body)).toEqual([200, 'Hello, World!']);
});

/** The end of a task as the log has it. */
async function endOf(taskId: string): Promise<EventEnvelope> {
  const state = await ground.operator.request('GET', `/management/api/tasks/${taskId}`);
  expect(state.status).toBe(200);
  const events = await ground.operator.history('type=task.*&limit=10000');
  const found = events.filter(({ stream }) => stream === `task:${taskId}`);
  expect(found.map(({ type }) => type)).toHaveLength(2);
  return found[1] as EventEnvelope;
}

describe('a handler', () => {
  it.each([
    ['/good', 'throws', 'HANDLER_FAILED', 'the cupboard is bare'],
    ['/good', 'throwsNothing', 'HANDLER_FAILED', ''],
    ['/good', 'throwsMuch', 'HANDLER_FAILED', 'mmm'],
    ['/good', 'rejects', 'HANDLER_FAILED', 'later'],
    ['/good', 'noJson', 'HANDLER_FAILED', 'JSON'],
    ['/good', 'circle', 'HANDLER_FAILED', 'JSON'],
    ['/good', 'exits', 'HANDLER_FAILED', 'exit'],
    ['/programs', 'exit1', 'HANDLER_FAILED', '1'],
    ['/programs', 'loud', 'HANDLER_FAILED', ''],
    ['/programs', 'killed', 'HANDLER_FAILED', 'SIGKILL'],
    ['/good', 'unheardOf', 'COMMAND_NOT_FOUND', 'unheardOf'],
    ['/liar', 'garbage', 'AGENT_BAD_ANSWER', ''],
    ['/liar', 'shape', 'AGENT_BAD_ANSWER', ''],
    ['/liar', 'teapot', 'AGENT_BAD_ANSWER', '418'],
    ['/liar', 'empty', 'AGENT_BAD_ANSWER', ''],
    ['/liar', 'hangup', 'TASK_OUTCOME_UNKNOWN', ''],
  ])('%s/%s ends as %s', async (path, command, code, words) => {
    const answer = await ground.call(path, command);
    expectProblem(answer, code);
    expect(answer.body.message).toContain(words);
    const end = await endOf(answer.body.taskId);
    expect(end.type).toBe('task.failed');
    expect((end.data as { problem: { code: string } }).problem.code).toBe(code);
  });

  it('that ends with 1 tells what it said', async () => {
    const { body } = await ground.call('/programs', 'exit1');
    expect(body.error.details).toMatchObject({ code: 1, stderr: 'the disk is on fire\n', stdout: 'working\n' });
  });

  it('that throws with a code of its own keeps it', async () => {
    const { status, body } = await ground.call('/good', 'throwsOwn');
    expect(status).toBe(500);
    expect(body.error).toMatchObject({ code: 'OUT_OF_STOCK', message: 'no more of these', details: { left: 0 } });
    expect(body.error.hint).toEqual(expect.any(String));
  });

  it('that prints no JSON gives text, and one that prints nothing gives an empty one', async () => {
    expect((await ground.call('/programs', 'noJson')).body).toMatchObject({ success: true, data: 'this is {no JSON' });
    expect((await ground.call('/programs', 'nothing')).body).toMatchObject({ success: true, data: '' });
  });

  it.each(['/good', '/programs'])('of %s that never answers ends when its time is up', async (path) => {
    const answer = await ground.raw({
      method: 'POST',
      path: `${path}/never`,
      headers: { 'x-task-timeout': '150' },
    });
    expectProblem(answer, 'TASK_TIMEOUT');
    expect((await endOf(answer.body.taskId)).type).toBe('task.timedOut');
  });

  it('that throws after its answer does not end the others', async () => {
    const { body: before } = await ground.call('/good', 'boot');
    expect((await ground.call('/good', 'stray')).body).toMatchObject({ success: true, data: 'fine' });
    expect((await ground.call('/good', 'boot')).body.data).toBe(before.data);
  });

  it.each(['abc', '0', '-5', '1e3', '99999999999999'])('is not called with the time limit %s', async (limit) => {
    const head = await ground.head();
    const answer = await ground.raw({
      method: 'POST',
      path: '/good/hello',
      headers: { 'x-task-timeout': limit },
    });
    expectProblem(answer, 'INVALID_REQUEST');
    expect(await ground.askedSince(head)).toEqual([]);
  });
});

describe('an answer', () => {
  it('that is nested deeper than anybody can read is refused, and its task ends', async () => {
    const answer = await ground.call('/programs', 'deep');
    expectProblem(answer, 'AGENT_BAD_ANSWER');
    expect((await endOf(answer.body.taskId)).type).toBe('task.failed');
    expect((await ground.state()).tasks).toEqual({});
  });

  it('with keys that reach a prototype elsewhere is only data', async () => {
    const answer = await ground.raw({ method: 'POST', path: '/programs/proto' });
    expect(answer.status).toBe(200);
    expect(JSON.stringify(answer.body.data)).toBe('{"__proto__":{"polluted":1},"constructor":{"prototype":{}}}');
  });
});

describe('a call under way', () => {
  it('when the server is stopped ends with its result after the next start', async () => {
    const from = await ground.head();
    const call = ground.call('/good', 'count', ['stopped', 1_500]).catch(() => null);
    const taskId = await ground.enqueuedAfter(from);
    await ground.server.kill('SIGTERM');
    await call;
    await ground.server.start();
    expect(await ground.outcomeOf(taskId)).toMatchObject({ type: 'task.completed', data: { data: 'stopped' } });
    expect((await ground.call('/good', 'runs')).body.data.stopped).toBe(1);
  });

  it('when its deployment is removed ends honestly', async () => {
    await ground.deployed('/brief', 'good');
    const from = await ground.head();
    const call = ground.call('/brief', 'never');
    await ground.enqueuedAfter(from);
    await ground.undeploy('/brief');
    const answer = await call;
    expect(['TASK_OUTCOME_UNKNOWN', 'TASK_CANCELLED'], JSON.stringify(answer.body)).toContain(answer.body.error.code);
    await ground.nothingHalfMade('/brief');
    expect((await ground.state()).tasks).toEqual({});
  });

  it('does not notice that a new release takes over', async () => {
    await ground.deployed('/moving', 'good');
    let moving = true;
    const answers: { status: number; body: unknown }[] = [];
    const callers = [...Array(4).keys()].map(async (caller) => {
      for (let i = 0; moving; i += 1) answers.push(await ground.call('/moving', 'count', [`${caller}.${i}`, 10]));
    });
    await ground.deployed('/moving', 'good', { environment: { ROUND: '2' } });
    await ground.nothingHalfMade('/moving');
    moving = false;
    await Promise.all(callers);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect((await ground.call('/moving', 'environment', ['ROUND'])).body.data).toBe('2');
    await ground.undeploy('/moving');
  });
});

describe('an agent whose process', () => {
  it('dies under a call gives an honest outcome and comes back', async () => {
    await ground.deployed('/mortal', 'good');
    const answer = await ground.call('/mortal', 'dies');
    expectProblem(answer, 'TASK_OUTCOME_UNKNOWN');
    expect((await endOf(answer.body.taskId)).data).toMatchObject({ outcome: 'unknown' });
    const meanwhile = await ground.call('/mortal', 'hello', ['you']);
    expectProblem(meanwhile, 'AGENT_UNREACHABLE');
    await ground.comesBack('/mortal');
    const types = (await ground.events('/mortal')).map(({ type }) => type);
    expect(types.filter((type) => type.startsWith('container.'))).toEqual([
      'container.startRequested',
      'container.started',
      'container.healthy',
      'container.exited',
      'container.startRequested',
      'container.restarted',
      'container.healthy',
    ]);
    await ground.undeploy('/mortal');
    await ground.nothingHalfMade('/mortal');
  });

  it('spins for ever is left alone when the time is up, and can be undeployed', async () => {
    await ground.deployed('/spin', 'good');
    const answer = await ground.raw({
      method: 'POST',
      path: '/spin/neverYields',
      headers: { 'x-task-timeout': '100' },
    });
    expectProblem(answer, 'TASK_TIMEOUT');
    await ground.undeploy('/spin');
    await ground.nothingHalfMade('/spin');
  });
});

describe('500 calls at once', () => {
  it('are all answered and none is doubled', async () => {
    const keys = [...Array(500).keys()].map((i) => `k${i}`);
    const answers = await Promise.all(keys.map((key) => ground.call('/good', 'count', [key, 5])));
    expect(answers.map(({ status, body }) => (status === 200 ? body.data : body))).toEqual(keys);
    const { body } = await ground.call('/good', 'runs');
    const counts = Object.entries<number>(body.data).filter(([key]) => keys.includes(key));
    expect(counts).toHaveLength(500);
    expect(counts.every(([, times]) => times === 1)).toBe(true);
    expect(new Set(answers.map((answer) => answer.body.taskId)).size).toBe(500);
  });

  it('over the limit of a deployment are refused, before anything is accepted', async () => {
    await ground.operator.set({ maxConcurrentTasks: 2, maxQueuedTasks: 1 });
    try {
      const keys = [...Array(10).keys()].map((i) => `limit${i}`);
      const answers = await Promise.all(keys.map((key) => ground.call('/good', 'count', [key, 300])));
      const refused = answers.filter(({ status }) => status !== 200);
      expect(refused).toHaveLength(7);
      for (const answer of refused) expectProblem(answer, 'OVERLOADED');
      const { body } = await ground.call('/good', 'runs');
      expect(Object.keys(body.data).filter((key) => key.startsWith('limit'))).toHaveLength(3);
    } finally {
      await ground.operator.set({ maxConcurrentTasks: 1_000, maxQueuedTasks: 1_000 });
    }
  });
});

describe('large things', () => {
  it('go through the blob store in both directions', async () => {
    const long = 'y'.repeat(20_000);
    const { body } = await ground.call('/good', 'echo', [long, { deep: [1, 2] }]);
    expect(body.data).toEqual([long, { deep: [1, 2] }]);
    const events = await ground.operator.history('type=task.*&limit=10');
    const [enqueued, completed] = events.filter(({ stream }) => stream === `task:${body.taskId}`);
    const blob = { $blob: expect.stringMatching(/^[0-9a-f]{64}$/), size: expect.any(Number) };
    expect(enqueued?.data).toMatchObject({ params: blob });
    expect(completed?.data).toMatchObject({ data: blob });
    const task = await ground.operator.request('GET', `/management/api/tasks/${body.taskId}`);
    expect(task.body.data).toEqual([long, { deep: [1, 2] }]);
  });

  it('are taken up to the limit of a body', async () => {
    const text = 'z'.repeat(1_048_576 - 100);
    const { status, body } = await ground.call('/good', 'echo', [text]);
    expect(status).toBe(200);
    expect(body.data[0]).toHaveLength(text.length);
  });

  it('that an agent answers come back whole', async () => {
    const { body } = await ground.call('/good', 'big', [3_000_000]);
    expect(body.data).toHaveLength(3_000_000);
  });
});

it('an answer that looks like a reference into the blob store is the agent’s own data', async () => {
  const { body } = await ground.call('/good', 'blobLike');
  expect(body.data).toEqual({ $blob: 'a'.repeat(64), size: 12 });
  const task = await ground.operator.request('GET', `/management/api/tasks/${body.taskId}`);
  expect(task.body.data).toEqual({ $blob: 'a'.repeat(64), size: 12 });
});

it('arguments that look like a reference into the blob store reach the agent as they are', async () => {
  const forged = { $blob: 'b'.repeat(64), size: 1 };
  const { body } = await ground.operator.request('POST', '/good/echo', { params: [forged] });
  expect(body.data).toEqual([forged]);
  const alone = await ground.operator.request('POST', '/good/echo', { params: forged });
  expect(alone.body.data).toEqual([forged]);
});

describe('an Idempotency-Key', () => {
  const managed = (path: string, key: string, body: unknown) => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key, 'x-api-key': ground.operator.apiKey };
    return ground.raw({ method: 'POST', path, headers, body: JSON.stringify(body) });
  };
  const keyed = (path: string, key: string, params: readonly unknown[]) => {
    return ground.raw({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ params }),
    });
  };

  it('runs a call once, however often it is sent', async () => {
    const answers = await Promise.all([...Array(5)].map(() => keyed('/good/count', 'once', ['idem', 200])));
    const later = await keyed('/good/count', 'once', ['idem', 200]);
    for (const { status, body } of [...answers, later]) {
      expect(status, JSON.stringify(body)).toBe(200);
      expect(body).toEqual(later.body);
    }
    expect((await ground.call('/good', 'runs')).body.data.idem).toBe(1);
  });

  it('runs a large call once', async () => {
    const long = ['l'.repeat(50_000), { deep: [1.5, null, 'ä'] }];
    const first = await keyed('/good/echo', 'large', long);
    expect(first.body.data).toEqual(long);
    expect((await keyed('/good/echo', 'large', long)).body).toEqual(first.body);
    expectProblem(await keyed('/good/echo', 'large', [long[0]]), 'IDEMPOTENCY_KEY_REUSED');
  });

  it('repeats a failure as well', async () => {
    const first = await keyed('/good/throws', 'fails', []);
    const again = await keyed('/good/throws', 'fails', []);
    expectProblem(again, 'HANDLER_FAILED');
    expect(again.body).toEqual(first.body);
  });

  it('of another call is refused rather than answered with the wrong result', async () => {
    expect((await keyed('/good/count', 'mixed', ['one'])).status).toBe(200);
    for (const other of [keyed('/good/count', 'mixed', ['two']), keyed('/programs/echo', 'mixed', ['one'])]) {
      expectProblem(await other, 'IDEMPOTENCY_KEY_REUSED');
    }
    expect((await ground.call('/good', 'runs')).body.data.two).toBeUndefined();
  });

  it('of a management request is not the key of a call', async () => {
    const first = await managed('/management/api/domains', 'shared', { name: 'shared.example' });
    expect(first.status).toBe(200);
    expectProblem(await keyed('/good/hello', 'shared', ['you']), 'IDEMPOTENCY_KEY_REUSED');
  });

  it('runs a deploy once', async () => {
    const body = { domain: 'localhost', path: '/once', agent: 'good' };
    const first = await managed('/management/api/deployments', 'deploy', body);
    const again = await managed('/management/api/deployments', 'deploy', body);
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body).toMatchObject({ release: 1, seq: first.body.seq });
    const other = await managed('/management/api/deployments', 'deploy', { ...body, agent: 'programs' });
    expectProblem(other, 'IDEMPOTENCY_KEY_REUSED');
    await ground.undeploy('/once');
  });

  it('gives no API key away that does not work', async () => {
    expect((await managed('/management/api/keys', 'key', {})).status).toBe(200);
    expectProblem(await managed('/management/api/keys', 'key', {}), 'IDEMPOTENCY_KEY_REUSED');
  });
});

it('agents that serve both HTTP and the queue were always reached over HTTP', async () => {
  const healthy = await ground.operator.history('type=container.healthy&limit=1000');
  expect(healthy.length).toBeGreaterThan(4);
  expect(new Set(healthy.map(({ data }) => (data as { transport: string }).transport))).toEqual(new Set(['http']));
});
