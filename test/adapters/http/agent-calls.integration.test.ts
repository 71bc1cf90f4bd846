import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { ScriptedCloud } from './scripted-cloud.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
const jsonBody = (body: unknown): RequestInit => {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
};
const lastCall = () => server.cloud.calls.at(-1);

beforeAll(async () => {
  server = await startTestServer();
  await server.deploy('/demo');
  await server.deploy('/demo/deep');
});
afterAll(() => server.close());
beforeEach(() => {
  server.cloud.onCall = (call) => ({ taskId: 'task-1', success: true, data: `Hello, ${call.params[0]}!` });
});

describe('a call', () => {
  it('is answered with data and taskId', async () => {
    const response = await server.fetch('/demo/hello', jsonBody({ params: ['World'] }));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.json()).toEqual({ success: true, data: 'Hello, World!', taskId: 'task-1' });
  });

  it('works as curl -d sends it', async () => {
    const response = await server.fetch('/demo/hello', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: '{"params":["World"]}',
    });
    expect(await response.json()).toMatchObject({ data: 'Hello, World!' });
  });

  it('carries who, how and when, and no proof', async () => {
    await server.fetch('/demo/hello?a=1', {
      ...jsonBody({ params: [] }),
      headers: {
        'content-type': 'application/json',
        'x-custom': 'yes',
        cookie: 'authorizationToken=x',
        authorization: 'Bearer x',
        'x-api-key': server.apiKey,
        'idempotency-key': 'key-1',
        'x-task-timeout': '1234',
      },
    });
    const { call, context } = lastCall() ?? {};
    expect(call).toMatchObject({ deployment: 'localhost/demo', command: 'hello', timeoutMs: 1234 });
    expect(call?.runForUserId).toBe('admin');
    expect(context).toMatchObject({ idempotencyKey: 'key-1', actor: expect.stringMatching(/^admin:/) });
    expect(call?.metadata).toMatchObject({ method: 'POST', url: '/demo/hello?a=1', timestamp: expect.any(String) });
    expect(call?.metadata.headers).toMatchObject({ 'x-custom': 'yes' });
    expect(JSON.stringify(call)).not.toContain(server.apiKey);
    for (const name of ['cookie', 'authorization', 'x-api-key']) {
      expect(call?.metadata.headers).not.toHaveProperty(name);
    }
  });

  it('is for InternetUser when nobody proved anything', async () => {
    await server.fetch('/demo/hello', { headers: { 'x-api-key': 'wrong' } });
    expect(lastCall()?.call.runForUserId).toBe('InternetUser');
    expect(lastCall()?.context.actor).toBe('anonymous');
  });

  it.each(['PUT', 'PATCH', 'DELETE'])('may be made with %s', async (method) => {
    await server.fetch('/demo/hello', { ...jsonBody({ params: ['x'] }), method });
    expect(lastCall()?.call).toMatchObject({ params: ['x'], metadata: { method } });
  });

  it('goes to the longest prefix', async () => {
    await server.fetch('/demo/deep/hello');
    expect(lastCall()?.call).toMatchObject({ deployment: 'localhost/demo/deep', command: 'hello' });
    await server.fetch('/demo/deeper/hello');
    expect(lastCall()?.call).toMatchObject({ deployment: 'localhost/demo', command: 'hello' });
  });

  it('has a bounded time', async () => {
    await server.fetch('/demo/hello');
    expect(lastCall()?.call.timeoutMs).toBe(30_000);
    const cut = await server.fetch('/demo/hello', { headers: { 'x-task-timeout': '999999999' } });
    expect(lastCall()?.call.timeoutMs).toBe(300_000);
    expect(cut.headers.get('x-task-timeout')).toBe('300000');
    const error = { code: 'TASK_TIMEOUT', message: 'hello did not answer within 300000 ms.', hint: 'Ask.' } as const;
    server.cloud.onCall = () => ({ taskId: 't', success: false, error: { ...error, details: null } });
    const late = await server.fetch('/demo/hello', { headers: { 'x-task-timeout': '400000' } });
    expect(await late.json()).toMatchObject({
      error: {
        message: `${error.message} 400000 ms were asked for; the setting maxTaskTimeout allows 300000.`,
        hint: 'Raise it: `p-cli cloud settings set maxTaskTimeout <ms>`.',
      },
    });
    expect(await (await server.fetch('/demo/hello')).json()).toMatchObject({ error: { message: error.message } });
    for (const wrong of ['0', '-1', 'abc', '1e9']) {
      expect((await server.fetch('/demo/hello', { headers: { 'x-task-timeout': wrong } })).status).toBe(400);
    }
  });

  it('HEAD and OPTIONS run nothing', async () => {
    const before = server.cloud.calls.length;
    expect((await server.fetch('/demo/hello', { method: 'HEAD' })).status).toBe(200);
    const options = await server.fetch('/demo/hello', { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, expect.stringContaining('POST')]);
    expect(server.cloud.calls).toHaveLength(before);
  });

  it('goes on when its client goes away', async () => {
    let finish: (reply: { taskId: string; success: true; data: unknown }) => void = () => {};
    const began = new Promise<void>((resolve) => {
      server.cloud.onCall = () => {
        resolve();
        return new Promise((end) => {
          finish = end;
        });
      };
    });
    const gone = new AbortController();
    const request = server.fetch('/demo/hello', { signal: gone.signal });
    await began;
    gone.abort();
    await expect(request).rejects.toThrow();
    finish({ taskId: 't', success: true, data: 1 });
    server.cloud.onCall = () => ({ taskId: 't2', success: true, data: 2 });
    expect(await (await server.fetch('/demo/hello')).json()).toMatchObject({ data: 2 });
  });
});

describe('failures have the status of their code', () => {
  const failure = (code: string) => ({
    taskId: 'task-9',
    success: false as const,
    error: { code, message: 'It failed.', hint: 'Try again.', details: { exitCode: 1 } },
  });

  it.each([
    ['HANDLER_FAILED', 500],
    ['COMMAND_NOT_FOUND', 404],
    ['TASK_TIMEOUT', 504],
    ['TASK_OUTCOME_UNKNOWN', 502],
    ['A_CODE_OF_THE_AGENT', 500],
    ['toString', 500],
  ])('%s → %i', async (code, status) => {
    server.cloud.onCall = () => failure(code);
    const response = await server.fetch('/demo/hello');
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ ...failure(code), message: 'It failed.' });
  });

  it('refused before acceptance', async () => {
    server.cloud.onCall = () => {
      throw new PloinkyError('OVERLOADED', 'Too many calls.');
    };
    const response = await server.fetch('/demo/hello');
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1']);
    server.cloud.onCall = () => {
      throw new TypeError('a defect with a secret');
    };
    const defect = await server.fetch('/demo/hello');
    expect(defect.status).toBe(500);
    expect(await defect.text()).not.toContain('secret');
    expect(server.log.join('')).toContain('a defect with a secret');
  });

  it('by a defect before it is known whom it is for, which ends nothing but the call', async () => {
    const settings = vi.spyOn(server.cloud, 'settings').mockImplementationOnce(() => {
      throw new TypeError('a defect with a secret');
    });
    const defect = await server.fetch('/demo/hello');
    settings.mockRestore();
    expect(defect.status).toBe(500);
    expect(await defect.text()).not.toContain('secret');
    expect(server.log.join('')).toContain('a defect with a secret');
    expect((await server.fetch('/demo/hello')).status).toBe(200);
  });

  it('answers that are no JSON become null', async () => {
    server.cloud.onCall = () => ({ taskId: 't', success: true, data: undefined });
    expect(await (await server.fetch('/demo/hello')).json()).toEqual({ success: true, data: null, taskId: 't' });
  });
});

describe('bad input', () => {
  it.each<[string, RequestInit | undefined, number, string]>([
    ['/nothing', undefined, 404, 'DEPLOYMENT_NOT_FOUND'],
    [
      '/demo/hello',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a' },
      400,
      'INVALID_JSON',
    ],
    ['/demo/%zz', undefined, 400, 'INVALID_REQUEST'],
    ['/demo/a%2fb', undefined, 400, 'INVALID_NAME'],
    ['/demo/%00', undefined, 400, 'INVALID_NAME'],
    ['/demo/__proto__', undefined, 400, 'INVALID_NAME'],
    ['/demo/-rf', undefined, 400, 'INVALID_NAME'],
    ['/demo/hello', { method: 'PROPFIND' }, 405, 'METHOD_NOT_ALLOWED'],
    ['/demo/hello', { headers: { 'idempotency-key': 'x'.repeat(201) } }, 400, 'INVALID_REQUEST'],
    ['/demo/hello', { method: 'POST', body: new Uint8Array([0xff, 0xfe]) }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['/demo/hello', { method: 'POST', body: new FormData() }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['/demo/hello', { method: 'POST', headers: { 'content-type': ';;' }, body: 'x' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      '/demo/hello',
      { method: 'POST', headers: { 'content-encoding': 'gzip' }, body: 'x' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['/demo/hello', { method: 'POST', body: 'x'.repeat(1_048_577) }, 413, 'BODY_TOO_LARGE'],
  ])('%s %#', async (at, init, status, code) => {
    const response = await server.fetch(at, init);
    expect(response.status).toBe(status);
    const body = (await response.json()) as {
      success: boolean;
      error: { code: string; message: string };
      message: string;
    };
    expect(body).toMatchObject({ success: false, error: { code }, message: body.error.message });
  });

  it('takes a body of exactly the limit', async () => {
    const response = await server.fetch('/demo/hello', { method: 'POST', body: 'x'.repeat(1_048_576) });
    expect(response.status).toBe(200);
  });

  it('shows people a page and programs the error', async () => {
    const page = await server.fetch('/<b>', { headers: { accept: 'text/html' } });
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).not.toContain('<b>');
  });
});

describe('hosts', () => {
  /** fetch does not let anybody choose the Host header. */
  async function withHost(host: string, path: string): Promise<string> {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    await once(socket, 'close');
    return text;
  }

  it('route by domain; loopback names are localhost', async () => {
    await server.deploy('/demo', 'agents.example.org');
    await withHost('Agents.Example.org:80', '/demo/hello');
    expect(lastCall()?.call.deployment).toBe('agents.example.org/demo');
    for (const host of ['127.0.0.1', `[::1]:${server.port}`, 'localhost']) {
      await withHost(host, '/demo/hello');
      expect(lastCall()?.call.deployment).toBe('localhost/demo');
    }
  });

  it('that are unknown, disabled or no names are not served', async () => {
    expect(await withHost('other.example.org', '/demo/hello')).toMatch(/^HTTP\/1.1 404[\s\S]*DOMAIN_NOT_FOUND/);
    expect(await withHost('a b', '/demo/hello')).toMatch(/^HTTP\/1.1 400/);
    expect(await withHost('..', '/demo/hello')).toMatch(/^HTTP\/1.1 404/);
    await server.deploy('/x', 'off.example.org');
    const context = { actor: 'admin', trace: 't' };
    await server.cloud.execute({ type: 'setDomainEnabled', name: 'off.example.org', enabled: false }, context);
    expect(await withHost('off.example.org', '/x/hello')).toMatch(/DOMAIN_NOT_FOUND.*host enable off.example.org/);
  });

  it('lead to the management page from any host, unless something is deployed at /', async () => {
    expect(await withHost('other.example.org', '/')).toMatch(/^HTTP\/1.1 302[\s\S]*location: \/management\r/);
    await server.deploy('/', 'root.example.org');
    await withHost('root.example.org', '/');
    expect(lastCall()?.call).toMatchObject({ deployment: 'root.example.org/', command: 'index' });
    await withHost('root.example.org', '/some/hello');
    expect(lastCall()?.call).toMatchObject({ deployment: 'root.example.org/', command: 'hello' });
    expect(await withHost('root.example.org', '/health')).toContain('"status":"ok"');
  });
});

describe('who may call', () => {
  it('a page of another site may not call the agents of this machine', async () => {
    const before = server.cloud.calls.length;
    const response = await server.fetch('/demo/hello', { headers: { origin: 'https://evil.example' } });
    expect(response.status).toBe(403);
    expect(server.cloud.calls).toHaveLength(before);
  });

  it('with enableAuth only those with a proof, and 401 comes before 404 and before the body', async () => {
    const guarded = await startTestServer({ cloud: new ScriptedCloud() });
    try {
      await guarded.deploy('/demo');
      await guarded.send('POST', '/management/api/settings', { enableAuth: true });
      const huge = { method: 'POST', body: 'x'.repeat(2_000_000) };
      expect((await guarded.fetch('/demo/hello')).status).toBe(401);
      expect((await guarded.fetch('/nothing')).status).toBe(401);
      expect((await guarded.fetch('/demo/hello', huge)).status).toBe(401);
      expect((await guarded.admin('/demo/hello')).status).toBe(200);
      expect((await guarded.admin('/nothing')).status).toBe(404);
    } finally {
      await guarded.close();
    }
  });
});

it('before init everything says so', async () => {
  const fresh = await startTestServer({ initialize: false });
  try {
    const response = await fresh.fetch('/demo/hello');
    expect([response.status, await response.json()]).toEqual([
      503,
      expect.objectContaining({ error: expect.objectContaining({ code: 'NOT_INITIALIZED' }) }),
    ]);
    expect((await fresh.fetch('/')).headers.get('location')).toBe('/management');
    expect(await (await fresh.fetch('/management')).text()).toContain('p-cli cloud init');
    expect((await fresh.fetch('/management/api/overview')).status).toBe(503);
    expect(await (await fresh.fetch('/health')).json()).toMatchObject({ status: 'ok', phase: 'uninitialized' });
  } finally {
    await fresh.close();
  }
});

it('requests are logged with what the reference names, and without secrets', async () => {
  server.log.length = 0;
  await server.fetch(`/demo/hello?apiKey=${server.apiKey}`, {
    ...jsonBody({ params: ['private'] }),
    headers: { 'content-type': 'application/json', cookie: 'authorizationToken=abc', 'x-api-key': server.apiKey },
  });
  await vi.waitFor(() => expect(server.log).toHaveLength(1));
  const line = JSON.parse(server.log[0] ?? '{}');
  expect(line).toMatchObject({
    method: 'POST',
    url: '/demo/hello?apiKey=***',
    ip: '127.0.0.1',
    statusCode: 200,
    duration: expect.any(Number),
  });
  expect(server.log.join('')).not.toMatch(/private|abc|sk_/);
});
