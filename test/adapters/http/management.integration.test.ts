import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commit } from './scripted-cloud.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

const api = '/management/api';
const get = async (at: string) => (await server.admin(`${api}/${at}`)).json();
const send = async (method: string, at: string, body: unknown): Promise<[number, unknown]> => {
  const response = await server.send(method, `${api}/${at}`, body);
  return [response.status, await response.json()];
};

describe('deployments', () => {
  const demo = { domain: 'localhost', path: '/demo', agent: 'demo' };

  it('are made, shown and removed', async () => {
    const deployment = {
      domain: 'localhost',
      path: '/demo',
      agent: 'demo',
      name: 'localhost__demo',
      status: 'active',
      repository: 'PloinkyDemo',
      branch: 'main',
      commit,
      release: 1,
      engine: 'process',
      isolation: 'none',
      condition: { state: 'up', reason: null, retryInMs: null },
      failedRelease: null,
      enabled: true,
      problem: null,
    };
    expect(await send('POST', 'deployments', { ...demo, environment: { K: 'v' } })).toMatchObject([
      200,
      { success: true, release: 1, deployment, seq: expect.any(Number), trace: expect.any(String) },
    ]);
    expect(await get('deployments')).toMatchObject({ deployments: [deployment] });
    expect(await get('config')).toMatchObject({ domains: [{ name: 'localhost' }], deployments: [deployment] });
    expect(await send('DELETE', 'deployments', { domain: 'localhost', path: 'demo/' })).toEqual([
      200,
      { success: true, volumes: [] },
    ]);
    expect(await get('deployments')).toEqual({ deployments: [] });
    expect(await send('DELETE', 'deployments', { domain: 'localhost', path: '/demo' })).toMatchObject([
      404,
      { error: { code: 'DEPLOYMENT_NOT_FOUND' } },
    ]);
  });

  it('whose agent ended are down, with the time until it starts again, and are not counted', async () => {
    await send('POST', 'deployments', demo);
    expect(await get('health')).toMatchObject({ agents: 1, down: 0, deployments: 1 });
    const data = { exitCode: 1, signal: null, oomKilled: false, output: '', reason: 'ended' } as const;
    const [container] = server.cloud.views().containers.keys();
    server.cloud.append([{ type: 'container.exited', stream: `container:${container}`, data }], {
      actor: 'system:engines',
      trace: 't',
    });
    expect(await get('deployments')).toMatchObject({
      deployments: [{ status: 'active', condition: { state: 'down', reason: 'exited with code 1', retryInMs: 1_000 } }],
    });
    expect(await get('health')).toMatchObject({ agents: 0, down: 1, deployments: 1 });
    expect(await get('overview')).toMatchObject({ activeAgents: 0, downAgents: 1, totalDeployments: 1 });
  });

  it('say what a new deploy does not choose any more, and how it is isolated', async () => {
    await send('POST', 'deployments', { ...demo, branch: 'next', environment: { GREETING: 'Hi' } });
    expect(await send('POST', 'deployments', demo)).toMatchObject([
      200,
      { engine: 'process', isolation: 'none', dropped: ['branch next', 'environment GREETING'] },
    ]);
  });

  it('carry the trace of their request through the log', async () => {
    const response = await server.send('POST', `${api}/deployments`, demo);
    const { trace, seq } = (await response.json()) as { trace: string; seq: number };
    expect(response.headers.get('x-trace-id')).toBe(trace);
    expect(server.cloud.events[seq - 1]).toMatchObject({ type: 'deployment.requested', trace });
  });

  it('that fail say in which stage', async () => {
    const problem = { code: 'INSTALL_FAILED', message: 'npm ended with 1.', hint: 'Correct it.' };
    server.cloud.onDeploy = (id, n) => [
      { type: 'release.failed', stream: `release:${id}#${n}`, data: { stage: 'install', problem, log: 'x.log' } },
    ];
    expect(await send('POST', 'deployments', demo)).toMatchObject([
      422,
      { success: false, error: { ...problem, details: { stage: 'install', log: 'x.log', release: 1 } } },
    ]);
    expect(await get('deployments')).toMatchObject({ deployments: [{ status: 'failed', problem }] });
  });

  it('are not waited for with wait=false', async () => {
    server.cloud.onDeploy = () => [];
    expect(await send('POST', 'deployments?wait=false', demo)).toMatchObject([
      202,
      { success: true, release: 1, deployment: { status: 'requested' } },
    ]);
  });

  it('are synced and updated', async () => {
    await send('POST', 'deployments', { ...demo, branch: 'main', environment: { K: 'v' } });
    expect(await send('POST', 'deployments/sync', demo)).toMatchObject([200, { release: 2 }]);
    expect(await send('POST', 'deployments/update', { ...demo, updates: { branch: 'next' } })).toMatchObject([
      200,
      { release: 3 },
    ]);
    const config = server.cloud.views().deployments.get('localhost/demo')?.config;
    expect(config).toMatchObject({ agent: 'demo', branch: 'next', environment: { K: 'v' } });
    expect((await send('POST', 'deployments/sync', { domain: 'localhost', path: '/x' }))[0]).toBe(404);
  });

  it.each(['/demo', 'demo', '%2Fdemo', 'L2RlbW8=', 'L2RlbW8'])('are removed by the path form %s', async (form) => {
    await send('POST', 'deployments', demo);
    const at = `${api}/deployments/localhost${form.startsWith('/') ? '' : '/'}${form}`;
    expect((await server.admin(at, { method: 'DELETE' })).status).toBe(200);
    expect(await get('deployments')).toEqual({ deployments: [] });
  });

  it.each(['', '/'])('at / are removed as localhost%s', async (form) => {
    await send('POST', 'deployments', { ...demo, path: '/' });
    expect((await server.admin(`${api}/deployments/localhost${form}`, { method: 'DELETE' })).status).toBe(200);
  });

  it('whose path reads like base64 are removed as they are', async () => {
    await send('POST', 'deployments', demo);
    await send('POST', 'deployments', { ...demo, path: '/L2RlbW8' });
    await server.admin(`${api}/deployments/localhost/L2RlbW8`, { method: 'DELETE' });
    expect(await get('deployments')).toMatchObject({ deployments: [{ path: '/demo' }] });
  });

  it.each([
    [{ domain: 'localhost', path: '/x' }, 'INVALID_REQUEST', 'agent'],
    [{ ...demo, agent: 5 }, 'INVALID_REQUEST', 'agent'],
    [{ ...demo, agent: '../x' }, 'INVALID_NAME', 'agent'],
    [{ ...demo, path: '/a/../b' }, 'INVALID_NAME', 'path'],
    [{ ...demo, path: '/a\u0000' }, 'INVALID_NAME', 'path'],
    [{ ...demo, path: '/auth' }, 'INVALID_NAME', '/auth'],
    [{ ...demo, domain: 'a b' }, 'INVALID_NAME', 'host name'],
    [{ ...demo, domain: 'other.example.org' }, 'DOMAIN_NOT_FOUND', 'other.example.org'],
    [{ ...demo, repository: 'none' }, 'REPOSITORY_NOT_FOUND', 'none'],
    [{ ...demo, branch: '--upload-pack=x' }, 'INVALID_REQUEST', 'branch'],
    [{ ...demo, branch: 'a..b' }, 'INVALID_REQUEST', 'branch'],
    [{ ...demo, commit: 'xyz' }, 'INVALID_REQUEST', 'commit'],
    [{ ...demo, image: '-v' }, 'INVALID_REQUEST', 'image'],
    [{ ...demo, environment: { 'a b': 'x' } }, 'INVALID_REQUEST', 'environment'],
    [{ ...demo, environment: { K: 5 } }, 'INVALID_REQUEST', 'environment'],
    [{ ...demo, transport: 'pigeon' }, 'INVALID_REQUEST', 'transport'],
    ['text', 'INVALID_REQUEST', 'body'],
  ])('are refused for %j', async (body, code, word) => {
    const before = server.cloud.events.length;
    const [status, answer] = await send('POST', 'deployments', body);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(answer).toMatchObject({ error: { code, message: expect.stringContaining(word) } });
    expect(server.cloud.events).toHaveLength(before);
  });
});

describe('repositories', () => {
  const url = 'https://example.org/x.git';

  it('are added with their agents, listed, synced and removed', async () => {
    expect(await send('POST', 'repositories', { name: 'x', url })).toMatchObject([
      200,
      { success: true, repository: { name: 'x', url, sync: 'synced', agents: [{ name: 'demo', about: 'greets' }] } },
    ]);
    const wanted = { agents: [{ name: 'demo', about: 'greets' }] };
    expect(await get(`repositories/x/agents`)).toEqual(wanted);
    expect(await get(`repositories/${Buffer.from(url).toString('base64')}/agents`)).toEqual(wanted);
    expect(await get('agents')).toEqual({ agents: [{ name: 'demo', about: 'greets', repository: 'x' }] });
    expect(await send('POST', 'repositories/x/sync', {})).toMatchObject([200, { repository: { sync: 'synced' } }]);
    expect(await send('POST', 'repositories/x/disable', {})).toEqual([200, { success: true }]);
    expect(await get('agents')).toEqual({ agents: [] });
    expect(await send('DELETE', 'repositories', { url })).toEqual([200, { success: true }]);
    expect(await send('DELETE', 'repositories/x', {})).toEqual([200, { success: true }]);
    expect(await send('POST', 'repositories/x/sync', {})).toMatchObject([404, {}]);
  });

  it('that cannot be fetched are not kept, and the answer says why', async () => {
    const problem = { code: 'GIT_NOT_A_REPOSITORY', message: 'Nothing there.', hint: 'Check it.' };
    server.cloud.onSync = (name) => [
      { type: 'repository.syncFailed', stream: `repository:${name}`, data: { name, problem } },
      { type: 'repository.removed', stream: `repository:${name}`, data: { name, reason: 'first sync failed' } },
    ];
    expect(await send('POST', 'repositories', { name: 'x', url })).toMatchObject([422, { error: problem }]);
    server.cloud.onSync = (name) => [
      { type: 'repository.syncFailed', stream: `repository:${name}`, data: { name, problem } },
    ];
    expect(await send('POST', 'repositories', { name: 'y', url, check: 'keep' })).toMatchObject([
      200,
      { repository: { sync: 'failed', problem } },
    ]);
    expect(await send('POST', 'repositories/y/sync', {})).toMatchObject([422, { error: problem }]);
  });

  it('with a password in the address leave no trace of it', async () => {
    const [status, answer] = await send('POST', 'repositories', { name: 'x', url: 'https://me:hunter2@example.org/x' });
    expect([status, answer]).toMatchObject([400, { error: { code: 'GIT_URL_REFUSED' } }]);
    expect(JSON.stringify([answer, server.cloud.events, server.log])).not.toContain('hunter2');
  });
});

describe('settings and domains', () => {
  it('settings change together or not at all', async () => {
    expect(await send('POST', 'settings', { logLevel: 'debug', 'git.allowLocal': true })).toMatchObject([
      200,
      { success: true, settings: { logLevel: 'debug', 'git.allowLocal': true } },
    ]);
    expect(await get('settings')).toMatchObject({ logLevel: 'debug', port: 8000 });
    expect(await send('POST', 'settings', { logLevel: 'info', nothing: 1 })).toMatchObject([
      400,
      { error: { code: 'UNKNOWN_SETTING' } },
    ]);
    expect(await send('POST', 'config', { settings: { logLevel: 'loud' } })).toMatchObject([
      400,
      { error: { code: 'INVALID_SETTING' } },
    ]);
    expect(await get('settings')).toMatchObject({ logLevel: 'debug' });
  });

  it('domains come and go, twice without harm', async () => {
    for (let i = 0; i < 2; i += 1) expect((await send('POST', 'domains', { name: 'A.example.org' }))[0]).toBe(200);
    expect(await send('POST', 'domains/a.example.org/disable', {})).toEqual([200, { success: true }]);
    expect(await get('domains')).toEqual({ domains: [{ name: 'localhost', enabled: true }] });
    expect(await get('domains?all=true')).toMatchObject({ domains: [{}, { name: 'a.example.org', enabled: false }] });
    for (let i = 0; i < 2; i += 1) expect((await send('DELETE', 'domains/a.example.org', {}))[0]).toBe(200);
    expect((await send('POST', 'domains/none.example.org/enable', {}))[0]).toBe(404);
    expect((await send('POST', 'domains', { name: 'a/b' }))[0]).toBe(400);
  });

  it('a repeated request with its Idempotency-Key reaches the log under that key', async () => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'once' };
    await server.admin(`${api}/domains`, { method: 'POST', headers, body: '{"name":"b.example.org"}' });
    expect(server.cloud.commands.at(-1)?.context.idempotencyKey).toBe('once');
  });
});

it('destroys everything when told to', async () => {
  expect(await send('POST', 'stopAndDeleteAll', {})).toEqual([
    200,
    { success: true, runtime: 'auto', removed: ['ploinky-localhost-demo-1-cloud1'], errors: [] },
  ]);
});

describe('bad requests', () => {
  const post = async (body: string, type = 'application/json') => {
    const response = await server.admin(`${api}/settings`, { method: 'POST', headers: { 'content-type': type }, body });
    const { error } = (await response.json()) as { error?: { code: string } };
    return [response.status, error?.code];
  };

  it('are told apart', async () => {
    expect(await post('{"a')).toEqual([400, 'INVALID_JSON']);
    expect(await post('{"__proto__":{"x":1}}')).toEqual([400, 'INVALID_JSON']);
    expect(await post('[1]')).toEqual([400, 'INVALID_REQUEST']);
    expect(await post('<a/>', 'application/xml')).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    expect(await post('x'.repeat(1_048_577))).toEqual([413, 'BODY_TOO_LARGE']);
  });

  it('a body that comes with a DELETE does no harm', async () => {
    for (const [type, body] of [
      ['application/json', '{"garb'],
      ['application/xml', '<a/>'],
      ['text/plain', '{}'],
    ] as const) {
      await server.deploy('/demo');
      const init = { method: 'DELETE', headers: { 'content-type': type }, body };
      expect((await server.admin(`${api}/deployments/localhost/demo`, init)).status).toBe(200);
      expect((await server.admin(`${api}/deployments`, init)).status).toBe(400);
    }
  });

  it('take JSON as curl -d sends it, and forms', async () => {
    expect(await post('{"logLevel":"debug"}', 'application/x-www-form-urlencoded')).toEqual([200, undefined]);
    expect(await post('logLevel=warn', 'application/x-www-form-urlencoded')).toEqual([200, undefined]);
    expect(await get('settings')).toMatchObject({ logLevel: 'warn' });
  });

  it('name the methods that an address takes', async () => {
    const response = await server.admin(`${api}/deployments`, { method: 'PUT' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'DELETE, GET, HEAD, POST']);
    expect((await server.admin(`${api}/nothing`)).status).toBe(404);
  });
});

it('waiting requests are answered when the server closes', async () => {
  const began = new Promise<void>((resolve) => {
    server.cloud.onDeploy = () => {
      resolve();
      return [];
    };
  });
  const waiting = send('POST', 'deployments', { domain: 'localhost', path: '/slow', agent: 'demo' });
  await began;
  await server.http.close();
  expect(await waiting).toMatchObject([503, { error: { code: 'LOG_CLOSED' } }]);
});
