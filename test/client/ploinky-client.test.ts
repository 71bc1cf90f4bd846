import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { PloinkyClientError } from '../../client/client-error.ts';
import { type ConfiguredAgent, PloinkyClient } from '../../client/ploinky-client.ts';
import { listening } from './listening.ts';

interface Seen {
  method: string | undefined;
  url: string | undefined;
  cookie: string | undefined;
  body: string;
  prefer?: string | string[] | undefined;
  wishes?: unknown;
}

/** Answers everything with what `answer` says, and remembers what came. */
async function serving(
  answer: (seen: Seen, reply: ServerResponse) => void,
  use: (client: PloinkyClient, seen: Seen[], url: string) => Promise<void>,
): Promise<void> {
  const all: Seen[] = [];
  const handler = async (request: IncomingMessage, reply: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, headers } = request;
    const names = ['x-task-timeout', 'x-task-priority', 'idempotency-key', 'x-callback-url'];
    const given = names.flatMap((name) => headers[name] ?? []);
    const seen: Seen = { method, url, cookie: headers.cookie, body: Buffer.concat(chunks).toString() };
    if (headers.prefer !== undefined) seen.prefer = headers.prefer;
    if (given.length > 0) seen.wishes = given;
    all.push(seen);
    answer(seen, reply);
  };
  await listening(
    (request, reply) => void handler(request, reply),
    (url) => use(new PloinkyClient(`${url}/`), all, url),
  );
}

const json = (reply: ServerResponse, status: number, body: unknown) =>
  reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

describe('PloinkyClient', () => {
  it('has the documented defaults', () => {
    const client = new PloinkyClient();
    expect([client.serverUrl, client.timeout, client.getAuthToken()]).toEqual(['http://localhost:8000', 30_000, null]);
  });

  it('posts command and params to the path of the agent and returns the answer', async () => {
    const reply = { success: true, data: 'Hello, World!', taskId: 't1' };
    await serving(
      (_seen, answer) => json(answer, 200, reply),
      async (client, seen) => {
        expect(await client.call('demo', 'hello', 'World', 2)).toEqual(reply);
        expect(seen).toEqual([
          { method: 'POST', url: '/demo', cookie: undefined, body: '{"command":"hello","params":["World",2]}' },
        ]);
      },
    );
  });

  it('throws message, code, hint and task of the error shape', async () => {
    const error = { code: 'COMMAND_NOT_FOUND', message: 'There is no command.', hint: 'See the manifest.', details: 7 };
    await serving(
      (_seen, answer) => json(answer, 404, { success: false, error, message: error.message, taskId: 't2' }),
      async (client) => {
        const thrown = await client.call('/demo', 'nope').catch((e: unknown) => e);
        expect(thrown).toBeInstanceOf(PloinkyClientError);
        expect(thrown).toMatchObject({ ...error, status: 404, taskId: 't2' });
      },
    );
  });

  it('sends what a call wishes as headers', async () => {
    await serving(
      (seen, answer) => json(answer, 200, seen),
      async (client) => {
        const options = { timeoutMs: 5_000, priority: 'urgent', idempotencyKey: 'k', callback: 'http://x/' } as const;
        expect(await client.callWith('demo', 'hello', ['World'], options)).toMatchObject({
          body: '{"command":"hello","params":["World"]}',
          wishes: ['5000', 'urgent', 'k', 'http://x/'],
        });
      },
    );
  });

  it('makes calls without waiting, looks after them and takes them back', async () => {
    await serving(
      (seen, answer) => {
        if (seen.method === 'POST') json(answer, 202, { taskId: 't1', url: '/client/tasks/t1', expires: null });
        else json(answer, 200, { taskId: 't1', state: seen.method === 'GET' ? 'running' : 'cancelled' });
      },
      async (client, seen) => {
        const { taskId } = await client.callAsync('/demo', 'slow', [1]);
        expect(await client.task(taskId, { waitSeconds: 1.5 })).toMatchObject({ state: 'running' });
        expect(await client.task(taskId)).toMatchObject({ state: 'running' });
        expect(await client.cancelTask(taskId)).toMatchObject({ state: 'cancelled' });
        expect(seen.map(({ method, url, prefer }) => [method, url, prefer])).toEqual([
          ['POST', '/demo', 'respond-async'],
          ['GET', '/client/tasks/t1', 'wait=2'],
          ['GET', '/client/tasks/t1', undefined],
          ['DELETE', '/client/tasks/t1', undefined],
        ]);
      },
    );
  });

  it('makes many calls at once, and tells of each', async () => {
    const lines = [
      '{"status":200,"success":true,"data":1,"taskId":"a"}',
      '{"status":500,"success":false,"taskId":"b"}',
    ];
    await serving(
      (_seen, answer) => answer.writeHead(200).end(`${lines.join('\n')}\n`),
      async (client, seen) => {
        const replies = await client.callMany('demo', [{ command: 'one' }, { command: 'two', params: [2] }]);
        expect(replies).toEqual(lines.map((line) => JSON.parse(line)));
        expect(seen[0]?.body).toBe('{"command":"one","params":[]}\n{"command":"two","params":[2]}');
      },
    );
  });

  it('understands the errors of older servers, and answers that are no JSON', async () => {
    await serving(
      ({ url }, answer) => {
        if (url === '/older') json(answer, 401, { error: 'Unauthorized' });
        else answer.writeHead(502).end('bad gateway');
      },
      async (client) => {
        await expect(client.call('/older', 'x')).rejects.toThrow('Unauthorized');
        await expect(client.call('/proxy', 'x')).rejects.toThrow('HTTP 502: bad gateway');
      },
    );
  });

  it('keeps the session of a login, sends it as a cookie, and forgets it with logout', async () => {
    await serving(
      ({ body }, answer) => {
        if (body.includes('"login"')) json(answer, 200, { success: true, authorizationToken: 'tok', userId: 'admin' });
        else json(answer, 200, { success: true });
      },
      async (client, seen) => {
        expect(await client.login('sk_x')).toEqual({ success: true, userId: 'admin', token: 'tok' });
        expect(seen[0]).toMatchObject({ url: '/auth', body: '{"command":"login","params":["sk_x"]}' });
        await client.call('/demo', 'x');
        expect(seen[1]?.cookie).toBe('authorizationToken=tok');
        expect(await client.logout()).toEqual({ success: true });
        expect(seen[2]).toMatchObject({ url: '/auth', cookie: 'authorizationToken=tok' });
        expect(client.getAuthToken()).toBeNull();
      },
    );
  });

  it('never throws from login and logout', async () => {
    await serving(
      (_seen, answer) =>
        json(answer, 401, { success: false, error: { code: 'INVALID_API_KEY', message: 'No such key.' } }),
      async (client) => {
        expect(await client.login('wrong')).toEqual({ success: false, error: 'No such key.' });
        client.setAuthToken('tok');
        expect(await client.logout()).toEqual({ success: false, error: 'No such key.' });
        expect(client.getAuthToken()).toBeNull();
      },
    );
    const unreachable = new PloinkyClient('http://127.0.0.1:1');
    expect(await unreachable.login('key')).toMatchObject({ success: false });
  });

  it('does not send the session to another server, nor to one whose address only begins alike', async () => {
    await serving(
      (_seen, answer) => json(answer, 200, {}),
      async (_client, seen, url) => {
        const client = new PloinkyClient(url.slice(0, -1), { authToken: 'tok' });
        await client.request(`${url}/x`);
        expect(seen[0]?.cookie).toBeUndefined();
      },
    );
  });

  it('ends a request that takes too long', async () => {
    await listening(
      () => {},
      async (url) => {
        const client = new PloinkyClient(url, { timeout: 30 });
        await expect(client.call('/slow', 'x')).rejects.toThrow('Request timeout after 30ms');
      },
    );
  });

  it('makes a method of each configured command, named after its last dotted part', async () => {
    await serving(
      ({ body }, answer) => json(answer, 200, JSON.parse(body)),
      async (client, seen) => {
        client.configureAgents({ shop: { path: '/store', commands: ['cart.add'] } });
        const shop = client.agents.get('shop') as ConfiguredAgent;
        expect(Reflect.get(client, 'shop')).toBe(shop);
        expect(shop).toMatchObject({ _path: '/store', _client: client });
        expect(await (shop.add as (item: string) => Promise<unknown>)('pen')).toEqual({
          command: 'cart.add',
          params: ['pen'],
        });
        expect(await shop.call('cart.show')).toEqual({ command: 'cart.show', params: [] });
        expect(seen.map(({ url }) => url)).toEqual(['/store', '/store']);
      },
    );
  });

  it('lets no agent take the place of a member of the client', () => {
    const client = new PloinkyClient('http://localhost:1', { agents: { call: {}, constructor: {}, demo: {} } });
    expect(client.call).toBe(PloinkyClient.prototype.call);
    expect(client.constructor).toBe(PloinkyClient);
    expect([...client.agents.keys()]).toEqual(['call', 'constructor', 'demo']);
    client.configureAgents({ demo: { path: '/other' } });
    expect(Reflect.get(client, 'demo')).toMatchObject({ _path: '/other' });
  });

  it('makes the calls of a batch in order and goes on after a failure', async () => {
    await serving(
      ({ body }, answer) => {
        const { command } = JSON.parse(body);
        if (command === 'bad') json(answer, 500, { error: { code: 'HANDLER_FAILED', message: 'It threw.' } });
        else json(answer, 200, { success: true, data: command });
      },
      async (client, seen) => {
        client.configureAgents({ demo: { path: '/d' } });
        const result = await client.batch([
          { agent: 'demo', command: 'one' },
          { path: '/x', command: 'bad' },
          { agent: '/y', command: 'two', params: [1] },
          { command: 'nowhere' },
        ]);
        expect(result).toEqual({
          results: [
            { index: 0, success: true, result: { success: true, data: 'one' } },
            { index: 2, success: true, result: { success: true, data: 'two' } },
          ],
          errors: [
            { index: 1, success: false, error: 'It threw.' },
            { index: 3, success: false, error: 'A call of a batch needs "agent" or "path".' },
          ],
          success: false,
        });
        expect(seen.map(({ url }) => url)).toEqual(['/d', '/x', '/y']);
      },
    );
  });

  it('uploads a file as multipart', async () => {
    await serving(
      (_seen, answer) => json(answer, 200, { success: true }),
      async (client, seen) => {
        await client.uploadFile('demo', new Blob(['content']), { name: 'a.txt' });
        expect(seen[0]?.url).toBe('/demo/upload');
        expect(seen[0]?.body).toContain('name="file"');
        expect(seen[0]?.body).toContain('content');
        expect(seen[0]?.body).toContain('{"name":"a.txt"}');
      },
    );
  });

  it('tells onError where there is no EventSource', async () => {
    const error = await new Promise((resolve) => {
      new PloinkyClient().subscribe('/demo', 'news', () => {}, resolve).close();
    });
    expect(String(error)).toContain('no EventSource');
  });
});
