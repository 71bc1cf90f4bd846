import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  const cloud = await startTestServer();
  server = cloud;
  const root = path.join(server.dataFolder, 'agents', 'static', 'localhost');
  await mkdir(path.join(root, 'docs', '.git'), { recursive: true });
  await mkdir(path.join(root, 'empty'), { recursive: true });
  await writeFile(path.join(server.dataFolder, 'agents', 'static', 'secret.txt'), 'outside');
  await writeFile(path.join(root, 'page.html'), '<p>page</p>');
  await writeFile(path.join(root, 'a b.css'), 'a{}');
  await writeFile(path.join(root, 'data.bin'), '');
  await writeFile(path.join(root, '.env'), 'hidden');
  await writeFile(path.join(root, 'docs', 'index.html'), 'index');
  await writeFile(path.join(root, 'docs', '.git', 'config'), 'hidden');
  await symlink('../secret.txt', path.join(root, 'out.txt'));
  await symlink('..', path.join(root, 'up'));
  await symlink('.env', path.join(root, 'env.txt'));
  await symlink('page.html', path.join(root, 'alias.html'));
});
afterAll(() => server.close());

it.each([
  ['/page.html', 'text/html; charset=utf-8', '<p>page</p>'],
  ['/a%20b.css', 'text/css; charset=utf-8', 'a{}'],
  ['/data.bin', 'application/octet-stream', ''],
  ['/docs/', 'text/html; charset=utf-8', 'index'],
  ['/alias.html', 'text/html; charset=utf-8', '<p>page</p>'],
])('%s is served', async (at, type, text) => {
  const response = await server.fetch(at);
  expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([200, type, text]);
});

it('a folder without its slash is asked for with it', async () => {
  const response = await server.fetch('/docs');
  expect([response.status, response.headers.get('location')]).toEqual([302, '/docs/']);
});

it.each([
  '/.env',
  '/docs/.git/config',
  '/out.txt',
  '/up/secret.txt',
  '/env.txt',
  '/empty/',
  '/page.html/',
  '/none',
  '/page.html%00.css',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/docs%5c..%5c.env',
])('%s is not', async (at) => {
  const response = await server.fetch(at);
  expect([400, 404]).toContain(response.status);
  expect(await response.text()).not.toMatch(/outside|hidden/);
});

it('HEAD, and what the browser has already', async () => {
  const head = await server.fetch('/page.html', { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '11', '']);
  const headers = { 'if-none-match': head.headers.get('etag') ?? '' };
  expect((await server.fetch('/page.html', { headers })).status).toBe(304);
  expect((await server.fetch('/page.html', { method: 'POST', body: 'x' })).status).toBe(404);
});

it('a deployment wins over a file of the same address', async () => {
  await server.deploy('/docs');
  expect(await (await server.fetch('/docs/')).json()).toMatchObject({ success: true, data: { command: 'index' } });
});

it('client files are those that were named', async () => {
  const file = path.join(server.dataFolder, 'client.js');
  await writeFile(file, 'export {};');
  const other = await startTestServer({ clientFiles: { 'ploinkyClient.js': file, 'gone.js': `${file}.gone` } });
  try {
    const response = await other.fetch('/client/ploinkyClient.js');
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'text/javascript; charset=utf-8',
      'export {};',
    ]);
    for (const at of ['/client/gone.js', '/client/toString', '/client/..%2fclient.js', '/client/']) {
      expect((await other.fetch(at)).status).toBe(404);
    }
  } finally {
    await other.close();
  }
});
