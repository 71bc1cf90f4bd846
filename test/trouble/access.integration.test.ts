import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../cli/package-root.ts';
import { ServerProcess } from '../crash/server-process.ts';
import { expectProblem, Ground } from './ground.ts';
import { sendRaw } from './raw-request.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await Ground.make();
});
afterAll(() => ground?.clear());

interface Ended {
  readonly code: number | null;
  readonly said: string;
  readonly problem: { code: string; message: string; hint: string } | undefined;
}

/** p-cloud until it ends by itself. */
async function runServer(...args: string[]): Promise<Ended> {
  const program = join(packageRoot(), 'dist', 'cli', 'p-cloud.js');
  const child: ChildProcess = spawn(process.execPath, [program, '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let problem: Ended['problem'];
  child.on('message', (message: { kind: string; problem?: Ended['problem'] }) => {
    problem = message.problem;
    // It was not meant to come to that.
    if (message.kind === 'listening') child.kill('SIGKILL');
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  if (!child.stdout || !child.stderr) throw new Error('no pipes');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, said: out + err, problem };
}

describe('the management', () => {
  const addresses = ['state', 'history', 'keys', 'deployments', 'repositories', 'settings', 'nothing/of/the/kind'];

  it.each(addresses)('keeps %s from whoever proves nothing', async (address) => {
    const path = `/management/api/${address}`;
    const wrong: Record<string, string>[] = [
      {},
      { 'x-api-key': 'sk_wrong' },
      { authorization: 'Bearer nonsense' },
      { cookie: 'authorizationToken=Admin' },
      { cookie: 'authorizationToken=../../../etc/passwd' },
      { 'x-api-key': ground.operator.apiKey.slice(0, -1) },
    ];
    for (const headers of wrong) {
      for (const method of ['GET', 'POST', 'DELETE']) {
        expectProblem(await ground.raw({ method, path, headers }), 'UNAUTHORIZED');
      }
    }
  });

  it('answers 401 before it reads a body or a name', async () => {
    const headers = { 'content-type': 'application/json' };
    const path = '/management/api/deployments';
    expectProblem(await ground.raw({ method: 'POST', path, headers, body: '{' }), 'UNAUTHORIZED');
  });

  it('writes the refusals down', async () => {
    const events = await ground.operator.history('type=access.denied');
    expect(events.length).toBeGreaterThan(0);
    expect(JSON.stringify(events)).not.toContain(ground.operator.apiKey.slice(0, -1));
  });

  it('never writes an API key or a session down', async () => {
    const { body } = await ground.operator.request('POST', '/auth', {
      command: 'login',
      params: [ground.operator.apiKey],
    });
    expect(body.success).toBe(true);
    const words = ground.everyWord();
    expect(words.includes(ground.operator.apiKey)).toBe(false);
    expect(words.includes(body.authorizationToken)).toBe(false);
  });
});

describe('init', () => {
  it('a second time is refused, and changes nothing', async () => {
    const head = await ground.head();
    for (const headers of [{}, { 'x-init-token': 'x' }, { 'x-api-key': ground.operator.apiKey }]) {
      expectProblem(await ground.raw({ method: 'POST', path: '/management/api/init', headers }), 'ALREADY_INITIALIZED');
    }
    expect(await ground.askedSince(head)).toEqual([]);
  });

  it('is refused to pages of other sites and to wrong tokens, and is done once by two at a time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pt-'));
    const server = new ServerProcess(folder);
    try {
      await server.start();
      const init = (headers: Record<string, string>) => {
        return sendRaw(server.url, { method: 'POST', path: '/management/api/init', headers });
      };
      expectProblem(await init({ origin: 'https://evil.example' }), 'INIT_REFUSED');
      expectProblem(await init({ 'sec-fetch-site': 'cross-site', origin: 'null' }), 'INIT_REFUSED');
      expectProblem(await init({ host: 'evil.example' }), 'INIT_REFUSED');
      expectProblem(await init({ 'x-forwarded-for': '203.0.113.1' }), 'INIT_REFUSED');
      expectProblem(await init({ 'x-init-token': 'guessed' }), 'INIT_REFUSED');
      expectProblem(await sendRaw(server.url, { path: '/management/api/state' }), 'NOT_INITIALIZED');
      expectProblem(await sendRaw(server.url, { method: 'POST', path: '/demo/hello' }), 'NOT_INITIALIZED');
      const token = readFileSync(join(folder, '.ploinky-cloud', 'init-token'), 'utf8').trim();
      const both = await Promise.all([
        init({ host: 'cloud.example', origin: 'https://elsewhere.example', 'x-init-token': token }),
        init({}),
      ]);
      const statuses = both.map(({ status }) => status).sort();
      expect(statuses).toEqual([200, 409]);
      const again = await init({ 'x-init-token': token });
      expectProblem(again, 'ALREADY_INITIALIZED');
    } finally {
      await server.kill('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a server', () => {
  it('that would be open to other machines does not start', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pt-'));
    try {
      for (const host of ['0.0.0.0', '::']) {
        const { code, said, problem } = await runServer('--dir', folder, '--host', host);
        expect(code, said).toBe(5);
        expect(problem).toMatchObject({ code: 'BIND_REFUSED' });
        expect(said).toContain(host);
        expect(said).toContain('enableAuth');
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('on a folder that another one holds is told which', async () => {
    const { code, said, problem } = await runServer('--dir', ground.server.dir);
    expect(code, said).toBe(2);
    expect(problem).toMatchObject({ code: 'LOG_HELD' });
    expect(said).toContain(String(ground.server.pid));
    expect(said).toContain(ground.server.dir);
    expect(said).toContain('p-cli cloud stop');
    await ground.answers();
  });

  it('on a port that is taken is told so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pt-'));
    try {
      const port = new URL(ground.server.url).port;
      const { code, said, problem } = await runServer('--dir', folder, '--port', port);
      expect(code, said).toBe(2);
      expect(problem).toMatchObject({ code: 'PORT_IN_USE' });
      expect(said).toContain(port);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each([
    ['nonsense\r\n\r\n', 400],
    ['GET / HTTP/9.9\r\n\r\n', 400],
    ['POST /demo/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx', 400],
    ['POST /demo/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 400],
    ['GET / HTTP/1.1\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nHost: \r\n\r\n', 400],
    ['GET \u0000 HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
  ])('answers %j with %i and lives on', async (bytes, status) => {
    expect(await speak(bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    await ground.answers();
  });
});

/** What comes back for bytes that are no proper request. */
async function speak(bytes: string): Promise<string> {
  const socket = createConnection(Number(new URL(ground.server.url).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.end(bytes);
  return text(socket);
}
