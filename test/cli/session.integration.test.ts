import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../core/events/envelope.ts';

const program = fileURLToPath(new URL('../../bin/p-cli', import.meta.url));

let root = '';
let port = 0;
/** For the first start; every later one has to find it by itself. */
let portIsTold = true;

interface Result {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A line as it is typed after the prompt of a shell; no word of this session needs quotes. */
function type(line: string, stdin = ''): Promise<Result> {
  const [name, ...args] = line.split(' ');
  if (name !== 'p-cli') throw new Error(`not a line of p-cli: ${line}`);
  const told = portIsTold ? { PORT: String(port) } : {};
  const env = { PATH: process.env.PATH, HOME: join(root, 'home'), TMPDIR: root, ...told };
  return new Promise((resolve) => {
    const options = { cwd: join(root, 'work'), env, timeout: 50_000, maxBuffer: 16 * 1024 * 1024 };
    const child = execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) => {
      resolve({ exit: error ? Number(error.code ?? -1) : 0, stdout, stderr });
    });
    child.stdin?.end(stdin);
  });
}

/** As `type`, where nothing may go wrong. */
async function typeWell(line: string, stdin = ''): Promise<Result> {
  const result = await type(line, stdin);
  expect(result, line).toMatchObject({ exit: 0 });
  return result;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const inCloudFile = async () => JSON.parse(await readFile(join(root, 'work/.ploinky/cloud.json'), 'utf8'));

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ploinky-session-'));
  await mkdir(join(root, 'work'));
  await mkdir(join(root, 'home'));
  port = await freePort();
});

afterAll(async () => {
  // Whatever the steps came to: no agent and no server stays.
  await type('p-cli cloud start');
  await type('p-cli cloud destroy all --yes');
  await type('p-cli cloud stop');
  await rm(root, { recursive: true, force: true });
}, 120_000);

// Each step stands on the one before it, as a person takes them.
describe('the first session of a new user', { timeout: 120_000 }, () => {
  it('starts a server, once', async () => {
    const { stdout, stderr } = await typeWell('p-cli cloud start');
    expect(stdout).toContain(`listens at http://localhost:${port}`);
    expect(stderr).toContain('→ Create the cloud and its API key: `p-cli cloud init`');
    const file = await inCloudFile();
    expect(file).toMatchObject({
      serverUrl: `http://localhost:${port}`,
      serverPort: port,
      serverPid: expect.any(Number),
    });
    portIsTold = false;
    const again = await typeWell('p-cli cloud start');
    expect(again.stdout).toContain(`A server runs already at http://localhost:${port} (process ${file.serverPid})`);
  });

  it('makes the cloud and its key, once', async () => {
    const early = await type('p-cli cloud deployments');
    expect([early.exit, early.stdout]).not.toEqual([0, '']);
    const { stdout } = await typeWell('p-cli cloud init');
    const apiKey = /^API Key: (sk_[A-Za-z0-9]+)\n$/.exec(stdout)?.[1];
    const remotes = join(root, 'home/.plionky/remotes.json');
    expect(JSON.parse(await readFile(remotes, 'utf8'))).toEqual({ url: `http://localhost:${port}`, apiKey });
    expect((await stat(remotes)).mode & 0o777).toBe(0o600);
    const again = await type('p-cli cloud init');
    expect(again).toMatchObject({ exit: 5, stdout: '' });
    expect(again.stderr).toContain('keys rotate');
  });

  it('connects and logs in', async () => {
    expect((await typeWell(`p-cli cloud connect http://localhost:${port}`)).stdout).toContain('✓ Connected to');
    expect((await type('p-cli cloud deployments')).exit).toBe(3);
    const wrong = await type(`p-cli cloud login sk_${'x'.repeat(43)}`);
    expect(wrong.exit).toBe(3);
    expect(wrong.stderr).toContain('✗ Login failed');
    const { apiKey } = JSON.parse(await readFile(join(root, 'home/.plionky/remotes.json'), 'utf8'));
    expect((await typeWell('p-cli cloud login -', apiKey)).stdout).toBe('✓ Logged in using API Key\n');
    expect((await typeWell('p-cli cloud status')).stdout).toMatch(/Logged in as: +admin/);
    expect((await typeWell('p-cli cloud health')).stdout).toMatch(/status: +ok/);
  });

  it('deploys the bundled agent and calls it', async () => {
    await typeWell('p-cli cloud settings set engine process');
    expect((await typeWell('p-cli cloud agent list')).stdout).toContain('  demo: ');
    const deployed = await typeWell('p-cli cloud deploy localhost /demo demo');
    expect(deployed.stdout).toBe("✓ Deployed 'demo' to localhost/demo\n");
    expect(deployed.stderr).toContain(`http://localhost:${port}/demo`);
    const { stdout } = await typeWell('p-cli cloud call /demo hello World');
    expect(JSON.parse(stdout)).toMatchObject({ success: true, data: 'Hello, World!', taskId: expect.any(String) });
    expect((await typeWell('p-cli cloud deployments')).stdout).toContain(
      '  localhost/demo -> demo [active]  release 1',
    );
    expect((await typeWell('p-cli client task demo hello World')).stdout).toBe(
      'Status: SUCCESS\nData:\n"Hello, World!"\n',
    );
    expect((await typeWell('p-cli run task demo hello World')).stdout).toContain('Result:\n"Hello, World!"');
  });

  it('tells what went wrong', async () => {
    const unknown = await type('p-cli cloud deploy localhost /nothing nobody');
    expect(unknown).toMatchObject({ exit: 5, stdout: '' });
    expect(unknown.stderr).toContain('nobody');
    const branch = await type('p-cli cloud deploy localhost /demo demo --branch no-such-branch');
    expect(branch.exit).toBe(5);
    expect(branch.stderr).toContain('✗ source  failed');
    expect((await typeWell('p-cli cloud call /demo hello World')).stdout).toContain('Hello, World!');
    expect((await type('p-cli cloud call /demo no-such-command')).exit).toBe(5);
    expect((await type('p-cli cloud call /nowhere hello')).exit).not.toBe(0);
  });

  it('reads logs, changes settings, and runs lines from a pipe', async () => {
    expect((await typeWell('p-cli cloud settings set logLevel debug')).stdout).toBe('✓ Updated logLevel = debug\n');
    expect(JSON.parse((await typeWell('p-cli cloud settings')).stdout)).toMatchObject({
      logLevel: 'debug',
      engine: 'process',
    });
    expect((await typeWell('p-cli cloud logs')).stdout).toContain('{');
    expect((await typeWell('p-cli cloud logs list')).stdout).toMatch(/^\d{4}-\d{2}-\d{2}\n/);
    const piped = await typeWell('p-cli', 'cloud host list\n# nothing\np-cli cloud call /demo hello "big World"\n');
    expect(piped.stdout).toContain('  localhost ✓\n');
    expect(piped.stdout).toContain('Hello, big World!');
  });

  it('shows what happened, one event, and the state', async () => {
    const { stdout } = await typeWell('p-cli cloud history --json --limit 0');
    const events: EventEnvelope[] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    const types = events.map((event) => event.type);
    for (const wanted of [
      'cloud.initialized',
      'deployment.requested',
      'release.sourceResolved',
      'deployment.routed',
      'task.completed',
      'release.failed',
    ]) {
      expect(types).toContain(wanted);
    }
    const { apiKey } = JSON.parse(await readFile(join(root, 'home/.plionky/remotes.json'), 'utf8'));
    expect(stdout).not.toContain(apiKey);
    const tasks = await typeWell('p-cli cloud history --deployment localhost/demo --type task.* --limit 2');
    expect(tasks.stdout).toContain('localhost/demo hello → "Hello, big World!"');
    expect((await typeWell('p-cli cloud show 1')).stdout).toContain('1  cloud.initialized');
    expect((await type('p-cli cloud show 99999')).exit).toBe(5);
    expect(JSON.parse((await typeWell('p-cli cloud state --json')).stdout).state.deployments).toHaveProperty([
      'localhost/demo',
    ]);
    const held = await type('p-cli cloud history --dir .');
    expect(held.exit).toBe(2);
    expect(held.stderr).toContain('p-cli cloud stop');
  });

  it('stops the server, and reads the log without it', async () => {
    const stopped = await typeWell('p-cli cloud stop');
    expect(stopped.stdout).toContain('✓ Server stopped');
    expect(await inCloudFile()).not.toHaveProperty('serverPid');
    expect((await type('p-cli cloud status')).exit).toBe(2);
    const { stdout } = await typeWell('p-cli cloud history --dir . --json --type cloud.initialized');
    expect(JSON.parse(stdout)).toMatchObject({ seq: 1, type: 'cloud.initialized' });
    expect((await typeWell('p-cli cloud show 1 --dir .')).stdout).toContain('cloud.initialized');
    expect((await typeWell('p-cli cloud state deployments --dir .')).stdout).toContain('localhost/demo');
  });

  it('finds everything again after the next start, where it was, and gets a new key where the old one is lost', async () => {
    expect((await typeWell('p-cli cloud start')).stdout).toContain(`listens at http://localhost:${port}`);
    expect((await typeWell('p-cli cloud call /demo hello again')).stdout).toContain('Hello, again!');
    await typeWell('p-cli cloud stop');
    const { stdout } = await typeWell('p-cli cloud keys rotate --dir . --json');
    await typeWell('p-cli cloud start');
    expect((await type('p-cli cloud deployments')).exit).toBe(3);
    await typeWell(`p-cli cloud login ${JSON.parse(stdout).apiKey}`);
    await typeWell('p-cli cloud undeploy localhost /demo');
    expect((await type('p-cli cloud call /demo hello World')).exit).not.toBe(0);
    expect((await typeWell('p-cli cloud destroy all --yes')).stdout).toContain('✓ 0 containers removed');
    await typeWell('p-cli cloud logout');
    expect((await typeWell('p-cli cloud stop')).stdout).toContain('✓ Server stopped');
  });
});
