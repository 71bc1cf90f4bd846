import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git, manifest, TestGround, TestRepository } from '../adapters/git/test-repository.ts';
import { Desk } from '../cli/desk.ts';
import { expectProblem, Ground } from '../trouble/ground.ts';

const handlers = (greeting: string) => `module.exports = {
  hello: (name) => '${greeting}, ' + name + '!',
  environment: (name) => process.env[name] ?? null,
};\n`;

let files: TestGround;
let remote: TestRepository;
let ground: Ground;
let token: string;
const commits: string[] = [];

/** As an operator types it. */
const cli = (desk: Desk, ...argv: string[]) =>
  desk.run(['cloud', ...argv], {
    env: { PLOINKY_SERVER_URL: ground.server.url, PLOINKY_AUTH_TOKEN: token },
  });

const says = async (path = '/demo') => (await ground.call(path, 'hello', ['you'])).body.data;
const running = async (path = '/demo') => {
  const { status, body } = await ground.operator.request(
    'GET',
    `/management/api/deployments/running?deployment=localhost${path}`,
  );
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};

beforeAll(async () => {
  files = await TestGround.make();
  remote = await TestRepository.make(files);
  ground = await Ground.make();
  const login = { command: 'login', params: [ground.operator.apiKey] };
  token = (await ground.operator.request('POST', '/auth', login)).body.authorizationToken;
  commits.push(
    await remote.commit({ 'demo/manifest.json': manifest(), 'demo/index.js': handlers('Hello') }, 'Say hello'),
  );
  await ground.addRepository('own', remote.bare);
  await ground.deployed('/demo', 'demo', { repository: 'own', environment: { SHARED: '1', OLD: 'yes' } });
  commits.push(await remote.commit({ 'demo/index.js': handlers('Good day') }, 'Be polite'));
  await ground.deployed('/demo', 'demo', { repository: 'own', environment: { SHARED: '2', NEW: 'yes' } });
  // What the second release made needless goes in its own time, with events that a test would take for its own.
  await ground.nothingHalfMade('/demo');
  // Nobody but our mirror has the first commit from here on.
  git(remote.work, ['checkout', '-q', '--orphan', 'fresh']);
  await remote.commit({ 'demo/index.js': handlers('Bonjour') }, 'Start over');
  git(remote.bare, ['update-ref', 'refs/heads/main', git(remote.work, ['rev-parse', 'HEAD'])]);
  git(remote.bare, ['reflog', 'expire', '--expire=now', '--all']);
  git(remote.bare, ['gc', '-q', '--prune=now']);
  expect(() => git(remote.bare, ['cat-file', '-e', commits[0] ?? ''])).toThrow();
});
afterAll(async () => {
  await ground?.clear();
  await files?.clear();
});

describe('a rollback from the command line', () => {
  it('shows beforehand what it would do, and changes nothing', () =>
    Desk.use(async (desk) => {
      const before = await ground.headAtRest();
      const { exit, stdout, stderr } = await cli(desk, 'rollback', 'localhost', '/demo', '--dry-run');
      expect([exit, stderr]).toEqual([0, '']);
      expect(stdout).toContain('release 3 would be release 1 again');
      expect(stdout).toContain('Say hello');
      expect(stdout).toMatch(/environment NEW +goes/);
      expect(stdout).toMatch(/environment OLD +is set again/);
      expect(stdout).toMatch(/environment SHARED +has another value/);
      expect(stdout).toContain('Volumes are not restored');
      expect(await ground.askedSince(before)).toEqual([]);
      const json = JSON.parse((await cli(desk, 'rollback', 'localhost', '/demo', '--dry-run', '--json')).stdout);
      expect(json).toMatchObject({ dryRun: true, outcome: 'deploy', serving: 2, target: 1, commit: commits[0] });
    }));

  it('refuses when something happened since, and tells what', () =>
    Desk.use(async (desk) => {
      const [first] = await ground.events('/demo');
      const expected = String(first?.seq);
      const { exit, stderr } = await cli(desk, 'rollback', 'localhost', '/demo', '--expect-seq', expected);
      expect(exit).toBe(1);
      expect(stderr).toMatch(/changed after event \d+: deployment\.routed \(event \d+\), deployment\.requested/);
    }));

  it('brings commit and environment back, and ends with what runs', () =>
    Desk.use(async (desk) => {
      rmSync(remote.bare, { recursive: true, force: true });
      const { exit, stdout, stderr } = await cli(desk, 'rollback', 'localhost', '/demo', '--reason', 'too polite');
      expect(exit, stderr).toBe(0);
      expect(stdout).toMatch(/^✓ Rolled back localhost\/demo to release 1, as release 3\n/);
      expect(stderr).toContain('Volumes are not restored');
      expect(stdout).toMatch(/runs +ploinky-localhost-demo-3-\w+ on process, running/);
      expect(stdout).toMatch(/commit +[0-9a-f]{12} Say hello \(2 files compared\)/);
      expect(await says()).toBe('Hello, you!');
      const values = async (name: string) => (await ground.call('/demo', 'environment', [name])).body.data;
      expect(await Promise.all(['SHARED', 'OLD', 'NEW'].map(values))).toEqual(['1', 'yes', null]);
      expect(await running()).toMatchObject({ release: 3, target: 1, commit: commits[0], differences: [] });
      const told = (await ground.events('/demo')).find(({ type }) => type === 'deployment.rolledBack');
      expect(told?.data).toMatchObject({ release: 3, target: 1, reason: 'too polite', outcome: 'deployed' });
    }));

  it('has nothing before the first release', () =>
    Desk.use(async (desk) => {
      const { exit, stderr } = await cli(desk, 'rollback', 'localhost', '/demo');
      expect(exit).toBe(1);
      expect(stderr).toContain('Nothing else served before release 3 at localhost/demo');
    }));

  it('to what serves already starts nothing', () =>
    Desk.use(async (desk) => {
      const { exit, stdout } = await cli(desk, 'rollback', 'localhost', '/demo', '--to', '#1', '--json');
      expect(exit).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ outcome: 'noop', release: 3, target: 1 });
      expect((await running()).release).toBe(3);
    }));

  it('goes to what served at an event', () =>
    Desk.use(async (desk) => {
      const routed = (await ground.events('/demo')).filter(({ type }) => type === 'deployment.routed');
      const to = `seq:${routed[1]?.seq}`;
      const { exit, stdout } = await cli(desk, 'rollback', 'localhost', '/demo', '--to', to, '--json');
      expect(exit).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ release: 4, target: 2, running: { commit: commits[1] } });
      expect(await says()).toBe('Good day, you!');
    }));
});

describe('over HTTP', () => {
  const rollback = (body: object) =>
    ground.operator.request('POST', '/management/api/deployments/rollback', {
      domain: 'localhost',
      path: '/demo',
      ...body,
    });

  it('refuses in one sentence, and stores nothing', async () => {
    const before = await ground.headAtRest();
    expectProblem(await rollback({ path: '/nowhere' }), 'DEPLOYMENT_NOT_FOUND');
    expectProblem(await rollback({ to: '99' }), 'RELEASE_NOT_FOUND');
    expectProblem(await rollback({ to: 'yesterday' }), 'MOMENT_INVALID');
    expectProblem(await rollback({ to: 'seq:999999' }), 'MOMENT_UNKNOWN');
    expectProblem(await rollback({ to: 'seq:2' }), 'NOTHING_TO_ROLL_BACK_TO');
    expect((await rollback({ secrets: 'tomorrow' })).status).toBe(400);
    expect(await ground.askedSince(before)).toEqual([]);
  });

  it('brings a removed deployment back, with its repository gone too', async () => {
    await ground.undeploy('/demo');
    await ground.operator.request('DELETE', '/management/api/repositories', { name: 'own' });
    expect((await ground.state()).repositories.own).toBeUndefined();
    const { status, body } = await rollback({});
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({ release: 5, target: 2, outcome: 'deployed' });
    expect(await running()).toMatchObject({ commit: commits[1], differences: [] });
    expect(await says()).toBe('Good day, you!');
  });

  it('says where a checkout is not what its commit is', async () => {
    const { writeFileSync } = await import('node:fs');
    const { join } = await import('node:path');
    const code = join(ground.data, 'agents', 'localhost-demo', '5', 'code');
    writeFileSync(join(code, 'more.txt'), 'beside it');
    expect((await running()).differences).toEqual([]);
    writeFileSync(join(code, 'index.js'), '// somebody was here');
    expect((await running()).differences).toEqual([
      { what: 'commit', expected: commits[1], found: 'changed files: index.js' },
    ]);
  });
});
