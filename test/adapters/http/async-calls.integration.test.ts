import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TaskReply } from '../../../adapters/http/cloud-port.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { foundTask } from './scripted-cloud.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
interface Failure {
  readonly error: { readonly code: string; readonly message: string };
}
const taskUrl = (id: string) => `/client/tasks/${id}`;
const post = (headers: Record<string, string>, body = '["Ann"]'): RequestInit => ({ method: 'POST', headers, body });

beforeAll(async () => {
  server = await startTestServer();
  await server.deploy('/demo');
});
afterAll(() => server.close());
beforeEach(() => {
  server.cloud.calls.length = 0;
  server.cloud.onAccept = async ({ params }) => ({ taskId: 'task-1', success: true, data: `Hello, ${params[0]}!` });
});

describe('Prefer: respond-async', () => {
  it('is answered once the call is durable, with where its outcome will be', async () => {
    const response = await server.fetch('/demo/hello', post({ prefer: 'respond-async' }));
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe('/client/tasks/task-1');
    expect(response.headers.get('preference-applied')).toBe('respond-async');
    expect(await response.json()).toEqual({
      taskId: 'task-1',
      state: 'accepted',
      url: '/client/tasks/task-1',
      expires: null,
    });
  });

  it('with wait is answered with the outcome where it is there by then', async () => {
    const response = await server.fetch('/demo/hello', post({ prefer: 'respond-async, wait=30' }));
    expect(response.status).toBe(200);
    expect(response.headers.get('preference-applied')).toBeNull();
    expect(await response.json()).toEqual({ success: true, data: 'Hello, Ann!', taskId: 'task-1' });
  });

  it('with wait is answered with 202 where it is not', async () => {
    server.cloud.onAccept = () => new Promise(() => {});
    const response = await server.fetch('/demo/hello', post({ prefer: 'respond-async, wait=0' }));
    expect(response.status).toBe(202);
  });

  it('carries priority, time and callback to the cloud', async () => {
    const headers = { prefer: 'respond-async', 'x-task-priority': 'urgent', 'x-task-timeout': '1500' };
    await server.fetch('/demo/hello', post({ ...headers, 'x-callback-url': 'http://127.0.0.1:9/x' }));
    expect(server.cloud.calls[0]?.call).toMatchObject({
      priority: 'urgent',
      timeoutMs: 1_500,
      callback: 'http://127.0.0.1:9/x',
    });
  });

  it('is refused as any call is, before anything is accepted', async () => {
    server.cloud.onAccept = () => {
      throw new PloinkyError('OVERLOADED', 'full', { details: { retryAfterSeconds: 7 } });
    };
    const response = await server.fetch('/demo/hello', post({ prefer: 'respond-async' }));
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
  });
});

describe('the address of a task', () => {
  it('tells what became of it', async () => {
    const response = await server.fetch(taskUrl('done'));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ taskId: 'done', state: 'completed', success: true, data: 'yes' });
  });

  it('says until when that can be asked', async () => {
    await server.send('POST', '/management/api/settings', { 'retention.tasks': '1d', 'retention.segments': '30d' });
    expect(await (await server.fetch(taskUrl('running'))).json()).toMatchObject({
      state: 'running',
      expires: '2026-03-31T11:59:00.000Z',
    });
    await server.send('POST', '/management/api/settings', { 'retention.segments': 'forever' });
  });

  it('waits for the outcome where the client would', async () => {
    let end: (reply: TaskReply) => void = () => {};
    server.cloud.underWay.set('running', new Promise((resolve) => (end = resolve)));
    const answer = server.fetch(taskUrl('running'), { headers: { prefer: 'wait=30' } });
    const reply = { taskId: 'running', success: true, data: 1 } as const;
    server.cloud.tasks.set('running', foundTask('running', reply));
    end(reply);
    expect(await (await answer).json()).toMatchObject({ state: 'completed', data: 1 });
    server.cloud.tasks.set('running', foundTask('running'));
  });

  it('is unknown for an id that is none', async () => {
    const response = await server.fetch(taskUrl('nothing'));
    expect([response.status, ((await response.json()) as Failure).error.code]).toEqual([404, 'TASK_NOT_FOUND']);
    expect((await server.fetch(taskUrl('a%20b'))).status).toBe(400);
    expect((await server.fetch(taskUrl('done'), { method: 'POST' })).headers.get('allow')).toBe('DELETE, GET, HEAD');
  });

  it('takes the task back', async () => {
    server.cloud.onCancel = (taskId) => {
      const error = { code: 'TASK_CANCELLED', message: 'Taken back.', hint: null, details: null };
      server.cloud.tasks.set(taskId, { ...foundTask(taskId, { taskId, success: false, error }), state: 'cancelled' });
      return true;
    };
    const response = await server.fetch(taskUrl('running'), { method: 'DELETE' });
    expect([response.status, await response.json()]).toMatchObject([200, { state: 'cancelled' }]);
    server.cloud.onCancel = () => false;
    const again = await server.fetch(taskUrl('running'), { method: 'DELETE' });
    expect([again.status, await again.json()]).toMatchObject([200, { state: 'cancelled' }]);
    server.cloud.tasks.set('running', foundTask('running'));
    const ended = await server.fetch(taskUrl('done'), { method: 'DELETE' });
    expect([ended.status, ((await ended.json()) as Failure).error.code]).toEqual([409, 'TASK_ENDED']);
  });

  it('answers 202 while the agent is asked to drop it', async () => {
    server.cloud.onCancel = () => true;
    server.cloud.underWay.delete('running');
    const response = await server.admin('/management/api/tasks/running/cancel', { method: 'POST' });
    expect([response.status, await response.json()]).toMatchObject([202, { state: 'running' }]);
    server.cloud.onCancel = () => false;
  });

  it('is open to whoever may call, and to nobody else', async () => {
    const foreign = { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' };
    expect((await server.fetch(taskUrl('done'), { headers: foreign })).status).toBe(403);
    await server.send('POST', '/management/api/settings', { enableAuth: true });
    for (const method of ['GET', 'DELETE']) expect((await server.fetch(taskUrl('done'), { method })).status).toBe(401);
    expect((await server.admin(taskUrl('done'))).status).toBe(200);
    await server.send('POST', '/management/api/settings', { enableAuth: false });
    expect((await server.fetch('/management/api/tasks/done', { method: 'DELETE' })).status).toBe(401);
  });
});

describe('a batch', () => {
  const ndjson = { 'content-type': 'application/x-ndjson' };
  const linesOf = async (response: Response) =>
    (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('answers each call on its own line, in their order', async () => {
    server.cloud.onAccept = async ({ command, params }) => {
      if (command === 'hello') return { taskId: 't', success: true, data: params };
      const error = { code: 'COMMAND_NOT_FOUND', message: 'no', hint: null, details: null };
      return { taskId: 't', success: false, error };
    };
    const body = '["Ann"]\n{"command":"nope"}\r\n\n{"params":["Bob",2]}';
    const response = await server.fetch('/demo/hello', post(ndjson, body));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(await linesOf(response)).toMatchObject([
      { status: 200, success: true, data: ['Ann'] },
      { status: 404, success: false, error: { code: 'COMMAND_NOT_FOUND' } },
      { status: 200, success: true, data: ['Bob', 2] },
    ]);
  });

  it('may be answered once it is durable', async () => {
    server.cloud.onAccept = () => new Promise(() => {});
    const response = await server.fetch('/demo/hello', post({ ...ndjson, prefer: 'respond-async' }, '1\n2\n'));
    expect(response.status).toBe(202);
    expect(await linesOf(response)).toMatchObject([{ url: '/client/tasks/task-1' }, { url: '/client/tasks/task-2' }]);
  });

  it.each([
    ['a line that is no JSON', '[1]\n{"a"', 400, 'INVALID_JSON', 'Line 2: '],
    ['a name that is none', '[1]\n\n{"command":"../x"}', 400, 'INVALID_NAME', 'Line 3: '],
    ['nothing', '\n \n', 400, 'PAYLOAD_INVALID', 'The batch holds no calls.'],
    ['too many', '1\n'.repeat(1_001), 413, 'BATCH_TOO_LARGE', 'A batch may hold 1000 calls'],
  ])('with %s is refused as a whole', async (_, body, status, code, message) => {
    const response = await server.fetch('/demo/hello', post(ndjson, body));
    const { error } = (await response.json()) as Failure;
    expect([response.status, error.code]).toEqual([status, code]);
    expect(error.message).toContain(message);
    expect(server.cloud.calls).toEqual([]);
  });
});
