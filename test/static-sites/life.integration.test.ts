import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { releaseFolder } from '../../adapters/pipeline/paths.ts';
import { TestGround, TestRepository } from '../adapters/git/test-repository.ts';
import { Desk } from '../cli/desk.ts';
import { eventually } from '../crash/operator.ts';
import { expectProblem, Ground } from '../trouble/ground.ts';

const site = (more: object = {}) => JSON.stringify({ static: 'public', environment: { OWN: 'value' }, ...more });

/** More than what a connection holds on its way. */
const filmBytes = 32 * 1024 * 1024;

let files: TestGround;
let remote: TestRepository;
let ground: Ground;

beforeAll(async () => {
  files = await TestGround.make();
  remote = await TestRepository.make(files);
  ground = await Ground.make();
  await remote.commit({
    'site/manifest.json': site(),
    'site/README.md': 'for its authors',
    'site/public/index.html': '<h1>First</h1>',
    'site/public/manifest.json': '{"name":"an installable page"}',
    'bare/manifest.json': JSON.stringify({ static: true }),
    'bare/index.html': '<h1>Bare</h1>',
    'app/manifest.json': site({ static: { folder: 'public', spa: true } }),
    'app/public/index.html': '<h1>App</h1>',
    'built/manifest.json': site({ static: 'dist', install: 'mkdir dist && echo "<h1>$OWN</h1>" > dist/index.html' }),
    'watched/manifest.json': site({ audit: 'requests' }),
    'watched/public/index.html': '<h1>Watched</h1>',
    'films/manifest.json': site(),
    'films/public/film.mp4': { content: Buffer.alloc(filmBytes, 'film') },
    'agent/manifest.json': JSON.stringify({ name: 'agent' }),
    'agent/index.js': 'module.exports = { hello: () => "an agent" };',
  });
  await ground.addRepository('own', remote.bare);
});
afterAll(async () => {
  await ground?.clear();
  await files?.clear();
});

const get = (path: string, init: RequestInit = {}) => fetch(ground.server.url + path, { redirect: 'manual', ...init });
const text = async (path: string) => (await get(path)).text();
const own = { repository: 'own' };

describe('a static site', () => {
  it('is deployed without a container', async () => {
    await ground.deployed('/site', 'site', own);
    expect(await text('/site/')).toBe('<h1>First</h1>');
    const types = (await ground.events('/site')).map(({ type }) => type);
    expect(types).toEqual([
      'deployment.requested',
      'release.sourceResolved',
      'release.imageResolved',
      'release.installed',
      'deployment.routed',
    ]);
    const [listed] = (await ground.operator.request('GET', '/management/api/deployments')).body.deployments;
    expect(listed).toMatchObject({
      serves: 'files',
      container: null,
      isolation: null,
      image: null,
      condition: { state: 'up', reason: null, retryInMs: null },
    });
    expect((await ground.operator.request('GET', '/health')).body).toMatchObject({ status: 'ok' });
  });

  it('serves the folder that it names, and no other', async () => {
    expect((await get('/site')).headers.get('location')).toBe('/site/');
    expect(await text('/site/manifest.json')).toContain('an installable page');
    for (const path of [
      '/site/README.md',
      '/site/..%2fREADME.md',
      '/site/%2e%2e/README.md',
      '/site/public/index.html',
    ]) {
      const response = await get(path);
      expect([400, 404]).toContain(response.status);
      expect(await response.text()).not.toContain('authors');
    }
    expectProblem({ status: 404, body: await (await get('/site/none')).json() }, 'NOT_FOUND');
  });

  it('of the folder of the manifest keeps that manifest to itself', async () => {
    await ground.deployed('/bare', 'bare', own);
    expect(await text('/bare/')).toBe('<h1>Bare</h1>');
    expect((await get('/bare/manifest.json')).status).toBe(404);
  });

  it('can only be read', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const response = await get('/site/', { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
      expectProblem({ status: 405, body: await response.json() }, 'METHOD_NOT_ALLOWED');
    }
    const called = await get('/site/', { method: 'POST', headers: { 'x-ploinky-call': '1' }, body: '{"command":"x"}' });
    expectProblem({ status: called.status, body: await called.json() }, 'TAKES_NO_TASKS');
    const options = await get('/site/', { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
    const events = await ground.operator.history('type=task.*&limit=10');
    expect(events).toEqual([]);
  });

  it('shows the page of an application at each of its addresses', async () => {
    await ground.deployed('/app', 'app', own);
    const accept = { headers: { accept: 'text/html' } };
    expect(await (await get('/app/orders/17', accept)).text()).toBe('<h1>App</h1>');
    expect((await get('/app/app.js', accept)).status).toBe(404);
  });

  it('is made by its install step, in an engine as ever', async () => {
    await ground.deployed('/built', 'built', own);
    expect(await text('/built/')).toBe('<h1>value</h1>\n');
    expect((await get('/built/.ploinky/queue')).status).toBe(404);
  });

  it('in place of an agent, and back', async () => {
    await ground.deployed('/turns', 'agent', own);
    expect((await ground.call('/turns', 'hello')).body.data).toBe('an agent');
    await ground.deployed('/turns', 'site', own);
    expect(await text('/turns/')).toBe('<h1>First</h1>');
    await eventually('the end of the agent', 10, async () => {
      const containers = Object.values<{ deployment: string }>((await ground.state()).containers);
      return containers.some(({ deployment }) => deployment === 'localhost/turns') ? undefined : true;
    });
    await ground.deployed('/turns', 'agent', own);
    expect((await ground.call('/turns', 'hello')).body.data).toBe('an agent');
  });

  it('has its requests counted, and in the log where its manifest wants that', async () => {
    await ground.deployed('/watched', 'watched', own);
    for (const path of ['/watched/', '/watched/?token=abc', '/watched/none']) await text(path);
    const audited = await eventually('the events of three requests', 10, async () => {
      const events = await ground.operator.history('type=request.passed&limit=10');
      return events.length === 3 ? events.map(({ data }) => data as { path: string }) : undefined;
    });
    const seen = { deployment: 'localhost/watched', release: 1, method: 'GET', requestBytes: 0 };
    // Stored side by side, so in any order.
    expect(audited.sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      expect.objectContaining({ ...seen, path: '/watched/', status: 200, responseBytes: 16 }),
      expect.objectContaining({ ...seen, path: '/watched/?token=***', status: 200, responseBytes: 16 }),
      expect.objectContaining({ ...seen, path: '/watched/none', status: 404, responseBytes: 0 }),
    ]);
    const metrics = String((await ground.operator.request('GET', '/metrics')).body);
    expect(metrics).toContain('ploinky_service_requests_total{deployment="localhost/watched",class="2xx"} 2');
    expect(metrics).toContain('ploinky_service_response_bytes_total{deployment="localhost/watched"} 32');
  });

  it('is kept from strangers where a login is needed', async () => {
    await ground.operator.set({ enableAuth: true });
    try {
      expect((await get('/site/')).status).toBe(401);
      const response = await get('/site/', { headers: { 'x-api-key': ground.operator.apiKey } });
      expect([response.status, response.headers.get('cache-control')]).toEqual([
        200,
        'private, max-age=0, must-revalidate',
      ]);
    } finally {
      await ground.operator.set({ enableAuth: false });
    }
  });

  it('is open to who follows a link from another site, not to what its pages fetch', async () => {
    const from = (mode: string) =>
      ground.raw({ path: '/site/', headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': mode } });
    expect((await from('navigate')).status).toBe(200);
    expect((await from('no-cors')).status).toBe(403);
  });
});

describe('releases of a static site', () => {
  const folders = () => readdirSync(join(releaseFolder(ground.data, 'localhost/site', 1), '..'));

  it('that lack their folder fail, and what served still does', async () => {
    await remote.commit({ 'site/manifest.json': site({ static: 'nowhere' }) });
    expectProblem(await ground.deploy('/site', 'site', own), 'FOLDER_NOT_SERVED');
    await remote.commit({ 'site/manifest.json': site({ static: 'out', install: 'ln -s / out' }) });
    const refused = await ground.deploy('/site', 'site', own);
    expectProblem(refused, 'FOLDER_NOT_SERVED');
    expect(refused.body.error).toMatchObject({ details: { stage: 'health', release: 3 } });
    await remote.commit({ 'site/manifest.json': site({ static: 'README.md' }) });
    expectProblem(await ground.deploy('/site', 'site', own), 'FOLDER_NOT_SERVED');
    expect(await text('/site/')).toBe('<h1>First</h1>');
  });

  it('follow each other without a request that goes unanswered', async () => {
    await remote.commit({ 'site/manifest.json': site(), 'site/public/index.html': '<h1>Second</h1>' });
    let over = false;
    const answers = new Map<string, number>();
    const visitor = async () => {
      while (!over) {
        const response = await get('/site/');
        const seen = `${response.status} ${await response.text()}`;
        answers.set(seen, (answers.get(seen) ?? 0) + 1);
      }
    };
    const visitors = [visitor(), visitor(), visitor(), visitor()];
    await ground.deployed('/site', 'site', own);
    expect(await text('/site/')).toBe('<h1>Second</h1>');
    for (let n = 6; n <= 8; n += 1) await ground.deployed('/site', 'site', own);
    over = true;
    await Promise.all(visitors);
    expect([...answers.keys()].sort()).toEqual(['200 <h1>First</h1>', '200 <h1>Second</h1>']);
  });

  it('let a download end with the file that it began with', async () => {
    await ground.deployed('/films', 'films', own);
    const response = await get('/films/film.mp4');
    await ground.deployed('/films', 'films', own);
    await ground.happened('/films', 'release.cleaned');
    const received = Buffer.from(await response.arrayBuffer());
    expect(received.equals(Buffer.alloc(filmBytes, 'film'))).toBe(true);
  });

  it('leave only the files of the one that serves', async () => {
    await ground.happened('/site', 'release.cleaned');
    const cleaned = async () => (await ground.events('/site')).filter(({ type }) => type === 'release.cleaned').length;
    await eventually('the end of the files of before', 10, async () => ((await cleaned()) < 7 ? undefined : true));
    expect(folders()).toEqual(['8']);
  });

  it('go back to an earlier one, whose files are made again', async () => {
    const { status, body } = await ground.operator.request('POST', '/management/api/deployments/rollback', {
      domain: 'localhost',
      path: '/site',
      to: '#1',
    });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(await text('/site/')).toBe('<h1>First</h1>');
    const running = await ground.operator.request(
      'GET',
      '/management/api/deployments/running?deployment=localhost/site',
    );
    expect(running.body).toMatchObject({ release: 9, target: 1, folder: 'public', status: 'running', differences: [] });
  });

  it('are told of in the words of the command line', () =>
    Desk.use(async (desk) => {
      const login = { command: 'login', params: [ground.operator.apiKey] };
      const { authorizationToken: token } = (await ground.operator.request('POST', '/auth', login)).body;
      const env = { PLOINKY_SERVER_URL: ground.server.url, PLOINKY_AUTH_TOKEN: token };
      const deploy = await desk.run(['cloud', 'deploy', 'localhost', '/site', 'site', '--repository', 'own'], { env });
      expect(deploy.exit, deploy.stderr).toBe(0);
      const stages = deploy.stderr.split('\n').flatMap((line) => /✓ (\w+)/.exec(line)?.[1] ?? []);
      expect(stages).toEqual(['source', 'image', 'install', 'route']);
      expect(deploy.stderr).toContain(`curl -H 'Host: localhost' ${ground.server.url}/site/`);
      expect((await desk.run(['cloud', 'deployments'], { env })).stdout).toMatch(
        /localhost\/site -> site \[active\] +release 10 +[0-9a-f]{8} +files/,
      );
      const back = await desk.run(['cloud', 'rollback', 'localhost', '/site', '--to', '#1'], { env });
      expect(back.stdout, back.stderr).toContain('files of public');
      const call = await desk.run(['cloud', 'call', '/site', 'hello'], { env });
      expect([call.exit, call.stderr]).toEqual([5, expect.stringContaining('serves files, and has no commands')]);
    }));

  it('go with their deployment', async () => {
    await ground.undeploy('/site');
    await ground.happened('/site', 'deployment.removed');
    expect((await get('/site/')).status).toBe(404);
    const root = join(releaseFolder(ground.data, 'localhost/site', 1), '..');
    await eventually(
      'the end of its files',
      10,
      async () => !existsSync(root) || readdirSync(root).length === 0 || undefined,
    );
  });
});
