import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeRepository } from './agents.ts';
import { expectProblem, Ground } from './ground.ts';
import type { RawRequest } from './raw-request.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await Ground.make();
  await ground.addRepository('own', makeRepository(join(ground.folder, 'r'), ['good']));
  await ground.deployed('/good', 'good');
});
afterAll(() => ground?.clear());
afterEach(async () => {
  await ground.answers();
  expect((await ground.call('/good', 'hello', ['you'])).body.data).toBe('Hello, you!');
});

const json = { 'content-type': 'application/json' };

function managed(request: RawRequest) {
  return ground.raw({ ...request, headers: { ...json, ...request.headers, 'x-api-key': ground.operator.apiKey } });
}

/** Nothing is attempted, so nothing is written. */
async function refusedSilently(request: () => Promise<{ status: number; body: unknown }>, code: string) {
  const head = await ground.head();
  expectProblem(await request(), code);
  expect(await ground.askedSince(head)).toEqual([]);
}

const brokenBodies = ['{', '{"params":[1,}', '', '{"a":1}}', '\u0000', 'NaN', "{'a':1}", '[1,2', '"', '{"a":\u0001}'];

describe('a body', () => {
  it.each(brokenBodies.filter((body) => body !== ''))('%j is no JSON for a call', async (body) => {
    const request = () => ground.raw({ method: 'POST', path: '/good/hello', headers: json, body });
    await refusedSilently(request, 'INVALID_JSON');
  });

  it.each(brokenBodies)('%j is no request for the management', async (body) => {
    const request = () => managed({ method: 'POST', path: '/management/api/deployments', body });
    await refusedSilently(request, body === '' ? 'INVALID_REQUEST' : 'INVALID_JSON');
  });

  it.each(['null', '[]', '7', '"text"', 'true', '{}', '{"domain":7}', '{"domain":"localhost","path":"/x"}'])(
    '%s asks for no deploy',
    async (body) => {
      const request = () => managed({ method: 'POST', path: '/management/api/deployments', body });
      await refusedSilently(request, 'INVALID_REQUEST');
    },
  );

  it('that is nested very deep is refused', async () => {
    const body = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    await refusedSilently(
      () => ground.raw({ method: 'POST', path: '/good/hello', headers: json, body }),
      'INVALID_JSON',
    );
    await refusedSilently(() => managed({ method: 'POST', path: '/management/api/settings', body }), 'INVALID_JSON');
  });

  it('with a key that would reach a prototype is refused', async () => {
    for (const body of ['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}']) {
      await refusedSilently(
        () => ground.raw({ method: 'POST', path: '/good/hello', headers: json, body }),
        'INVALID_JSON',
      );
      await refusedSilently(() => managed({ method: 'POST', path: '/management/api/settings', body }), 'INVALID_JSON');
    }
  });

  it('over the limit is refused, wherever it is sent', async () => {
    const body = JSON.stringify({ params: ['x'.repeat(1_048_577)] });
    for (const path of ['/good/hello', '/management/api/deployments', '/auth', '/nowhere/at/all']) {
      const answer = await managed({ method: 'POST', path, body });
      expectProblem(answer, 'BODY_TOO_LARGE');
      expect(answer.body.error.hint).toContain('bodyLimitBytes');
    }
  });

  it('that is not text is refused', async () => {
    const body = Buffer.from([0xff, 0xfe, 0x00, 0xd8]);
    const request = () => ground.raw({ method: 'POST', path: '/good/hello', headers: json, body });
    await refusedSilently(request, 'UNSUPPORTED_MEDIA_TYPE');
  });

  it('of a multipart form is refused', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const request = () => ground.raw({ method: 'POST', path: '/good/hello', headers, body: '--x--' });
    await refusedSilently(request, 'UNSUPPORTED_MEDIA_TYPE');
  });
});

describe('something unknown:', () => {
  it('a path, a domain, an address of the management', async () => {
    await refusedSilently(() => ground.call('/nowhere', 'hello'), 'DEPLOYMENT_NOT_FOUND');
    await refusedSilently(
      () => ground.raw({ method: 'POST', path: '/good/hello', headers: { host: 'nobody.example' } }),
      'DOMAIN_NOT_FOUND',
    );
    await refusedSilently(() => managed({ path: '/management/api/nothing' }), 'NOT_FOUND');
    await refusedSilently(() => managed({ method: 'PATCH', path: '/management/api/state' }), 'METHOD_NOT_ALLOWED');
  });

  it('a command is told in the history, because it was attempted', async () => {
    const answer = await ground.call('/good', 'nobody');
    expectProblem(answer, 'COMMAND_NOT_FOUND');
    const events = await ground.events('/good');
    expect(events.at(-1)).toMatchObject({ type: 'task.failed', data: { problem: { code: 'COMMAND_NOT_FOUND' } } });
  });

  it('a domain, repository, engine, deployment, event, task, key or setting', async () => {
    await refusedSilently(() => ground.deploy('/x', 'good', { domain: 'nobody.example' }), 'DOMAIN_NOT_FOUND');
    await refusedSilently(() => ground.deploy('/x', 'good', { repository: 'nobody' }), 'REPOSITORY_NOT_FOUND');
    const get = (path: string) => () => ground.operator.request('GET', `/management/api/${path}`);
    const remove = (path: string, body?: unknown) => () => {
      return ground.operator.request('DELETE', `/management/api/${path}`, body);
    };
    await refusedSilently(remove('deployments', { domain: 'localhost', path: '/x' }), 'DEPLOYMENT_NOT_FOUND');
    await refusedSilently(get('output?deployment=localhost/x'), 'DEPLOYMENT_NOT_FOUND');
    await refusedSilently(get('events/999999'), 'EVENT_NOT_FOUND');
    await refusedSilently(get('tasks/nobody'), 'TASK_NOT_FOUND');
    await refusedSilently(remove('keys/nobody'), 'KEY_NOT_FOUND');
    const set = (body: unknown) => () => ground.operator.request('POST', '/management/api/settings', body);
    await refusedSilently(set({ engine: 'lxc' }), 'INVALID_SETTING');
    await refusedSilently(set({ colour: 'green' }), 'UNKNOWN_SETTING');
  });

  it('an agent is told in the history, because it was looked for', async () => {
    expectProblem(await ground.deploy('/unknown', 'nobody'), 'AGENT_NOT_FOUND');
    const types = (await ground.events('/unknown')).map(({ type }) => type);
    expect(types.slice(0, 2)).toEqual(['deployment.requested', 'release.failed']);
    await ground.nothingHalfMade('/unknown');
  });
});

const wicked = ['..', '../../etc', 'a/../b', '\u0000', 'a\u0000b', '-', '-rf', '--upload-pack=x', '__proto__'];
const more = ['constructor', 'prototype', '.hidden', 'a b', 'a\nb', '$(id)', '`id`', 'a;b', 'ä', 'x'.repeat(101), ' '];

describe.each([...wicked, ...more].map((name) => [name]))('the name %j', (name) => {
  const deploy = (fields: Record<string, unknown>) => () => ground.deploy('/x', 'good', fields);
  const bad = async (request: () => Promise<{ status: number; body: unknown }>, codes: readonly string[]) => {
    const head = await ground.head();
    const answer = await request();
    const { code } = (answer.body as { error?: { code: string } }).error ?? {};
    expect(codes, JSON.stringify(answer.body)).toContain(code);
    expectProblem(answer, code as string);
    expect(await ground.askedSince(head)).toEqual([]);
  };

  it('is refused as domain, path, agent, repository, branch, commit and variable', async () => {
    const names = ['INVALID_NAME', 'INVALID_REQUEST'];
    const plain = ['constructor', 'prototype'].includes(name);
    // A valid host name, but not one that is served.
    await bad(deploy({ domain: name }), plain ? ['DOMAIN_NOT_FOUND'] : names);
    await bad(deploy({ agent: name }), names);
    await bad(deploy({ repository: name }), names);
    await bad(deploy({ path: `/x/${name}` }), names);
    await bad(deploy({ commit: name }), names);
    // Words that are only dangerous as keys of objects, and letters of other alphabets, may be branches.
    const branch = ['__proto__', 'constructor', 'prototype', 'ä', 'x'.repeat(101), '$(id)', '`id`', 'a;b'];
    if (!branch.includes(name)) await bad(deploy({ branch: name }), names);
    if (!plain && name !== '__proto__' && name !== 'x'.repeat(101)) {
      await bad(deploy({ environment: { [name]: 'x' } }), names);
    }
    await bad(deploy({ environment: { GOOD: `x\u0000${name}` } }), names);
  });

  it('is refused as the name of a domain, a repository, a key and a setting', async () => {
    const post = (path: string, body: unknown) => () => ground.operator.request('POST', path, body);
    const names = ['INVALID_NAME', 'INVALID_REQUEST'];
    if (!['constructor', 'prototype'].includes(name)) await bad(post('/management/api/domains', { name }), names);
    await bad(post('/management/api/repositories', { name, url: join(ground.folder, 'r') }), names);
    const key = encodeURIComponent(name);
    await bad(() => managed({ method: 'DELETE', path: `/management/api/keys/${key}` }), ['KEY_NOT_FOUND', ...names]);
    const body = `{${JSON.stringify(name)}:1}`;
    const unknown = ['UNKNOWN_SETTING', 'INVALID_REQUEST', 'INVALID_JSON'];
    await bad(() => managed({ method: 'POST', path: '/management/api/settings', body }), unknown);
  });

  it('is refused as a command, in the address and in the body', async () => {
    const inBody = () => ground.operator.request('POST', '/good', { command: name });
    await bad(inBody, ['INVALID_NAME']);
    if (name === 'a/../b' || name === '../../etc') return;
    const encoded = encodeURIComponent(name);
    await bad(() => ground.raw({ method: 'POST', path: `/good/${encoded}` }), ['INVALID_NAME', 'INVALID_REQUEST']);
  });

  it('leads nowhere in an address', async () => {
    const encoded = encodeURIComponent(name);
    for (const path of [`/${encoded}`, `/${encoded}/hello`, `/client/${encoded}`, `/agents/${encoded}`]) {
      const { status, body } = await ground.raw({ path });
      expect(status, path).toBeGreaterThanOrEqual(400);
      expect(status, path).toBeLessThan(500);
      expect(JSON.stringify(body)).not.toContain('root:');
    }
    const { status } = await managed({ path: `/management/api/events/${encoded}` });
    expect([400, 404]).toContain(status);
  });
});

describe.each(['toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'])('the reserved word %s', (word) => {
  it('is refused as a name, and is no setting', async () => {
    const post = (path: string, body: unknown) => () => ground.operator.request('POST', path, body);
    await refusedSilently(() => ground.call('/good', word), 'INVALID_NAME');
    await refusedSilently(() => ground.call(`/${word}`, 'hello'), 'DEPLOYMENT_NOT_FOUND');
    await refusedSilently(() => ground.deploy(`/${word}`, 'good'), 'INVALID_NAME');
    await refusedSilently(() => ground.deploy('/x', word), 'INVALID_NAME');
    await refusedSilently(() => ground.deploy('/x', 'good', { repository: word }), 'INVALID_NAME');
    await refusedSilently(post('/management/api/settings', { [word]: 1 }), 'UNKNOWN_SETTING');
    await refusedSilently(() => managed({ path: `/management/api/tasks/${word}` }), 'TASK_NOT_FOUND');
    await refusedSilently(() => managed({ method: 'DELETE', path: `/management/api/keys/${word}` }), 'KEY_NOT_FOUND');
  });

  it('may name a variable of an agent', async () => {
    const path = `/${word}1`;
    await ground.deployed(path, 'good', { environment: { [word]: 'here' } });
    expect((await ground.call(path, 'environment', [word])).body.data).toBe('here');
    await ground.undeploy(path);
    await ground.nothingHalfMade(path);
  });
});

describe('a question to the management', () => {
  it.each([
    'history?limit=-1',
    'history?limit=abc',
    'history?limit=1e9',
    'history?from=-1',
    'history?from=abc',
    'history?since=yesterday',
    'history?until=2026-99-99',
    'history?type=nothing.happened',
    'history?type=(.*',
    'history?follow=maybe',
    'events/0',
    'events/-1',
    'events/1.5',
    'events/99999999999999999999',
    'output?deployment=localhost/good&lines=-1',
    'output?deployment=localhost/good&lines=abc',
    'output',
    'logs?lines=-1',
    'logs?lines=abc',
    'logs/download?date=..%2f..%2fetc%2fpasswd',
    'metrics?range=%00',
  ])('such as %s is answered or refused, but never ends the server', async (question) => {
    const { status, body } = await managed({ path: `/management/api/${question}` });
    expect(status, JSON.stringify(body)).toBeGreaterThanOrEqual(200);
    expect(status, JSON.stringify(body)).toBeLessThan(500);
    if (status >= 400) expectProblem({ status, body }, body.error.code);
    expect(JSON.stringify(body)).not.toContain('root:');
  });
});

describe('an address', () => {
  it.each([
    '/good/%',
    '/good/%zz',
    '/good/%00',
    '/good/..%2f..%2fetc%2fpasswd',
    '/good/%2e%2e/%2e%2e/hello',
    '/../../etc/passwd',
    '//etc/passwd',
    '/client/..%2f..%2fpackage.json',
    `/good/${'x'.repeat(10_000)}`,
    `/${'a/'.repeat(5_000)}`,
  ])('%s does not end the server and gives nothing away', async (path) => {
    const { status, body } = await ground.raw({ path });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(JSON.stringify(body)).not.toContain('root:');
  });

  it('with headers over the limit is refused', async () => {
    const answer = await ground.raw({ path: '/good/hello', headers: { 'x-long': 'x'.repeat(40_000) } });
    expectProblem(answer, 'HEADERS_TOO_LARGE');
  });

  it.each(['a b', '..', '[::1', 'x'.repeat(300), '-x', '__proto__'])('for the host %j is refused', async (host) => {
    const { status } = await ground.raw({ method: 'POST', path: '/good/hello', headers: { host } });
    expect([400, 404]).toContain(status);
  });
});

describe('a setting', () => {
  it.each([
    ['logLevel', 'loud'],
    ['port', 65_536],
    ['port', '8000'],
    ['port', -1],
    ['workersCount', 0],
    ['agentStartTimeoutMs', 0],
    ['agentStartTimeoutMs', -0.5],
    ['agentStartTimeoutMs', null],
    ['agentStartTimeoutMs', 500.5],
    ['enableAuth', 'true'],
    ['enableAuth', 1],
    ['defaultImage', ''],
    ['serverName', 'x'.repeat(101)],
    ['git.allowLocal', 'yes'],
    ['maxConcurrentTasks', [1]],
    ['bodyLimitBytes', { $blob: 'x', size: 1 }],
    ['engine', 'Docker'],
  ])('%s is not set to %j', async (name, value) => {
    const request = () =>
      ground.operator.request('POST', '/management/api/settings', { serverName: 'X', [name]: value });
    await refusedSilently(request, 'INVALID_SETTING');
    const { body } = await ground.operator.request('GET', '/management/api/settings');
    expect(body.serverName).toBe('Ploinky Cloud');
  });
});

it('a place that Ploinky itself answers at is not deployed to', async () => {
  for (const path of ['/management', '/management/x', '/auth', '/client', '/health', '/metrics']) {
    await refusedSilently(() => ground.deploy(path, 'good'), 'INVALID_NAME');
  }
});

it('no wicked name made a folder', () => {
  expect(existsSync(join(ground.data, 'etc'))).toBe(false);
  expect(existsSync(join(ground.folder, 'etc'))).toBe(false);
});
