import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeRepository } from './agents.ts';
import { expectProblem, Ground } from './ground.ts';
import { playRemotes, type Remotes } from './remotes.ts';

let ground: Ground;
let remotes: Remotes;

beforeAll(async () => {
  remotes = await playRemotes();
  ground = await Ground.make();
  ground.cleanup(() => remotes.close());
  // The bundled repository is read in the background; its mirror is not what the tests look for.
  await ground.operator.request('POST', '/management/api/repositories/PloinkyDemo/sync');
});
afterAll(() => ground?.clear());
afterEach(() => ground.answers());

function add(name: string, url: string, more: Readonly<Record<string, unknown>> = {}) {
  return ground.operator.request('POST', '/management/api/repositories', { name, url, ...more });
}

/** With little patience for remotes. Only where one never answers: on a busy machine Git needs longer for anything else. */
async function impatient<T>(work: () => Promise<T>): Promise<T> {
  const { body } = await ground.operator.request('GET', '/management/api/settings');
  await ground.operator.set({ 'git.timeoutMs': 700 });
  try {
    return await work();
  } finally {
    await ground.operator.set({ 'git.timeoutMs': body['git.timeoutMs'] });
  }
}

async function names(): Promise<string[]> {
  const { body } = await ground.operator.request('GET', '/management/api/repositories?all=true');
  return body.repositories.map(({ name }: { name: string }) => name);
}

function mirrors(): string[] {
  const folder = join(ground.data, 'repos');
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

describe('a repository at an address that', () => {
  it.each([
    ['locked', 'GIT_AUTH_REQUIRED'],
    ['forbidden', 'GIT_AUTH_REQUIRED'],
    ['absent', 'GIT_NOT_A_REPOSITORY'],
    ['silent', 'GIT_TIMEOUT'],
    ['dripping', 'GIT_TIMEOUT'],
    // Git takes a page without refs for an empty repository; the hint says so.
    ['page', 'GIT_REF_NOT_FOUND'],
    ['garbage', 'GIT_NOT_A_REPOSITORY'],
  ])('is %s is refused with %s, told in the history, and not kept', async (mood, code) => {
    const before = mirrors();
    const ask = () => add(mood, `${remotes.url}/${mood}/x.git`);
    const answer = code === 'GIT_TIMEOUT' ? await impatient(ask) : await ask();
    expectProblem(answer, code);
    expect(answer.body.message).toContain(mood);
    const events = (await ground.operator.history('type=repository.*')).filter(
      ({ stream }) => stream === `repository:${mood}`,
    );
    expect(events.map(({ type }) => type)).toEqual(['repository.added', 'repository.syncFailed', 'repository.removed']);
    expect(events[1]?.data).toMatchObject({ problem: { code } });
    expect(await names()).not.toContain(mood);
    expect(mirrors()).toEqual(before);
  });

  it('breaks the conversation off, or where nobody listens, is refused and not kept', async () => {
    const closed = await playRemotes();
    await closed.close();
    // Side by side, because each is asked several times before it is given up.
    const urls = { broken: `${remotes.url}/broken/x.git`, hangup: `${remotes.url}/hangup/x.git`, closed: closed.url };
    const answers = await Promise.all(Object.entries(urls).map(([name, url]) => add(name, url)));
    for (const answer of answers) expectProblem(answer, 'GIT_UNREACHABLE');
    expect(await names()).toEqual(['PloinkyDemo']);
  });

  it('leads to a local file is refused', async () => {
    const { status, body } = await add('elsewhere', `${remotes.url}/elsewhere/x.git`);
    expect(status, JSON.stringify(body)).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify(body)).not.toContain('root:');
    expect(await names()).not.toContain('elsewhere');
  });

  it('hangs is kept when that is asked for, and stays in use as failed', async () => {
    const { status, body } = await impatient(() => add('kept', `${remotes.url}/silent/x.git`, { check: 'keep' }));
    expect(status).toBe(200);
    expect(body.repository).toMatchObject({ sync: 'failed', problem: { code: 'GIT_TIMEOUT' } });
    expect(await names()).toContain('kept');
    const again = () => ground.operator.request('POST', '/management/api/repositories/kept/sync');
    expectProblem(await impatient(again), 'GIT_TIMEOUT');
    // It must not hide the agents of the others.
    await ground.deployed('/demo', 'demo');
    await ground.undeploy('/demo');
    await ground.operator.request('DELETE', '/management/api/repositories/kept');
    expect(await names()).not.toContain('kept');
  });

  it('is a folder without a repository is refused', async () => {
    const folder = join(ground.folder, 'plain');
    mkdirSync(folder);
    writeFileSync(join(folder, 'manifest.json'), '{}');
    expectProblem(await add('plain', folder), 'GIT_NOT_A_REPOSITORY');
    expectProblem(await add('missing', join(ground.folder, 'nothing')), 'GIT_NOT_A_REPOSITORY');
    expect(await names()).not.toContain('plain');
  });

  it('is an empty repository is refused', async () => {
    const folder = join(ground.folder, 'empty.git');
    execFileSync('git', ['init', '--quiet', '--bare', folder]);
    const { status, body } = await add('empty', folder);
    expect(status, JSON.stringify(body)).toBe(404);
    expectProblem({ status, body }, 'GIT_REF_NOT_FOUND');
  });
});

describe('an address with a password', () => {
  const secret = 'hunter2-correct-horse';

  it.each([
    `http://operator:${secret}@127.0.0.1/x.git`,
    `https://${secret}@example.org/x.git`,
    `ssh://git:${secret}@example.org/x.git`,
    `git:${secret}@example.org:x.git`,
    `https:///operator:${secret}@example.org/x.git`,
    `https://example.org/x.git?token=${secret}`,
    `https://example.org/x.git#${secret}`,
    `file://operator:${secret}@/x.git`,
    `ext::sh -c ${secret}`,
  ])('is refused before it is written down anywhere: %s', async (url) => {
    const head = await ground.head();
    const answer = await add('secret', url);
    expectProblem(answer, 'GIT_URL_REFUSED');
    expect(JSON.stringify(answer.body)).not.toContain(secret);
    expect(await ground.askedSince(head)).toEqual([]);
    expect(await names()).not.toContain('secret');
    // As a key, an address or its base64 may be asked for as well.
    const base64 = Buffer.from(url).toString('base64url');
    const asked = await ground.operator.request('GET', `/management/api/repositories/${base64}/agents`);
    expectProblem(asked, 'REPOSITORY_NOT_FOUND');
    expect(JSON.stringify(asked.body)).not.toContain(secret);
    const removed = await ground.operator.request('DELETE', '/management/api/repositories', { url });
    expect(JSON.stringify(removed.body)).not.toContain(secret);
    const deployed = await ground.deploy('/x', 'demo', { repository: url });
    expectProblem(deployed, 'INVALID_NAME');
  });

  it('is nowhere in the data folder or in what the server said', () => {
    expect(ground.everyWord().includes(secret)).toBe(false);
    expect(remotes.credentials).toEqual([]);
  });
});

describe('a branch', () => {
  it('that does not exist is refused when the repository is added', async () => {
    const url = makeRepository(join(ground.folder, 'branches'), ['good']);
    const answer = await add('branches', url, { branch: 'nowhere' });
    expectProblem(answer, 'GIT_REF_NOT_FOUND');
    expect(answer.body.message).toContain('nowhere');
    expect(await names()).not.toContain('branches');
  });
});

describe('a repository', () => {
  it('whose name is taken by another address is refused', async () => {
    const url = makeRepository(join(ground.folder, 'first'), ['good']);
    await ground.addRepository('taken', url);
    await ground.addRepository('taken', url);
    const answer = await add('taken', join(ground.folder, 'second'));
    expectProblem(answer, 'REPOSITORY_EXISTS');
    expect(answer.body.message).toContain('taken');
    await ground.operator.request('DELETE', '/management/api/repositories/taken');
  });

  it('at a local path is refused unless that is allowed', async () => {
    const url = makeRepository(join(ground.folder, 'local'), ['good']);
    await ground.operator.set({ 'git.allowLocal': false });
    try {
      for (const form of [url, `file://${url}`]) {
        const answer = await add('local', form);
        expectProblem(answer, 'GIT_URL_REFUSED');
        expect(answer.body.error.hint).toContain('git.allowLocal');
      }
      expect(await names()).not.toContain('local');
    } finally {
      await ground.operator.set({ 'git.allowLocal': true });
    }
  });

  it('that vanished since its sync fails the deploy, and what served before still does', async () => {
    const url = makeRepository(join(ground.folder, 'vanishing'), ['good']);
    await ground.addRepository('vanishing', url);
    await ground.deployed('/vanishing', 'good', { repository: 'vanishing' });
    execFileSync('mv', [url, `${url}-moved`]);
    expectProblem(await ground.deploy('/vanishing', 'good', { repository: 'vanishing' }), 'GIT_NOT_A_REPOSITORY');
    expect((await ground.call('/vanishing', 'hello', ['you'])).body.data).toBe('Hello, you!');
    await ground.nothingHalfMade('/vanishing');
    await ground.undeploy('/vanishing');
    await ground.nothingHalfMade('/vanishing');
  });

  it('that nobody knows cannot be synced, enabled, disabled or asked', async () => {
    for (const what of ['sync', 'enable', 'disable']) {
      const answer = await ground.operator.request('POST', `/management/api/repositories/nobody/${what}`);
      expectProblem(answer, 'REPOSITORY_NOT_FOUND');
    }
    expectProblem(
      await ground.operator.request('GET', '/management/api/repositories/nobody/agents'),
      'REPOSITORY_NOT_FOUND',
    );
    expect((await ground.operator.request('DELETE', '/management/api/repositories/nobody')).status).toBe(200);
  });
});
