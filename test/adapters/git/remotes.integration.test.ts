import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGit } from '../../../adapters/git/create-git.ts';
import type { GitPort } from '../../../adapters/git/git-port.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { serveGit, serveTcp } from './git-http-server.ts';
import { processesMentioning } from './processes.ts';
import { git, manifest, TestGround, TestRepository } from './test-repository.ts';

const never = new AbortController().signal;
let ground: TestGround;
let remote: TestRepository;
let commit: string;
let timeoutMs: number;
let adapter: GitPort;

beforeEach(async () => {
  ground = await TestGround.make();
  remote = await TestRepository.make(ground);
  commit = await remote.commit({ 'demo/manifest.json': manifest() });
  timeoutMs = 30_000;
  adapter = createGit({
    reposFolder: join(ground.folder, 'repos'),
    bundledFolder: join(ground.folder, 'bundled'),
    allowLocal: () => false,
    timeoutMs: () => timeoutMs,
  });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await ground.clear();
});

const sync = (url: string, signal = never) => adapter.sync({ name: 'team', url, branch: null }, signal);
const mirrors = async () => (await readdir(join(ground.folder, 'repos'))).filter((name) => name.includes('.git'));

describe('a remote over http', () => {
  it('is cloned, and asked only once more when nothing changed', async () => {
    const server = await serveGit(ground, ground.folder);
    expect(await sync(`${server.url}/remote.git`)).toMatchObject({ branch: 'main', commit });
    const before = server.requests.length;
    expect(await sync(`${server.url}/remote.git`)).toMatchObject({ commit });
    const after = server.requests.slice(before).map(({ method }) => method);
    expect(after).toEqual(['GET', 'POST']);
    const next = await remote.commit({ 'more/manifest.json': manifest() });
    expect(await sync(`${server.url}/remote.git`)).toMatchObject({
      commit: next,
      agents: [{ name: 'demo' }, { name: 'more' }],
    });
  });

  it('that does not exist is no repository', async () => {
    const server = await serveGit(ground, ground.folder);
    await expect(sync(`${server.url}/other.git`)).rejects.toMatchObject({
      code: 'GIT_NOT_A_REPOSITORY',
      message: expect.stringContaining('team (http'),
    });
    expect(await mirrors()).toEqual([]);
  });

  it('that asks for a password is not asked again, and nobody is prompted', async () => {
    const server = await serveGit(ground, ground.folder, 'user:secret');
    await expect(sync(`${server.url}/remote.git`)).rejects.toMatchObject({ code: 'GIT_AUTH_REQUIRED' });
    expect(server.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
    expect(await mirrors()).toEqual([]);
  });

  it('gets the password that the user’s credential helper holds', async () => {
    const server = await serveGit(ground, ground.folder, 'user:secret');
    vi.stubEnv('HOME', ground.folder);
    const helper = '!f() { echo username=user; echo password=secret; }; f';
    git(ground.folder, ['config', '--file', join(ground.folder, '.gitconfig'), 'credential.helper', helper]);
    expect(await sync(`${server.url}/remote.git`)).toMatchObject({ commit });
  });

  it('that refuses connections is unreachable', async () => {
    const server = await serveTcp(ground, (socket) => socket.destroy());
    await server.close();
    await expect(sync(`${server.url}/a.git`)).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' });
  });

  it('that hangs up is unreachable', async () => {
    const server = await serveTcp(ground, (socket) => socket.end());
    await expect(sync(`${server.url}/a.git`)).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' });
  });

  it.each([
    ['noise', 'nobody knows this protocol\r\n\r\n'],
    [
      'a page',
      'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<!doctype html>\n<html>\n<title>hello</title>\n</html>\n',
    ],
    [
      'nearly Git',
      'HTTP/1.1 200 OK\r\ncontent-type: application/x-git-upload-pack-advertisement\r\nconnection: close\r\n\r\nzzzz',
    ],
  ])('that answers %s is no repository', async (_what, answer) => {
    const server = await serveTcp(ground, (socket) => socket.once('data', () => socket.end(answer)));
    await expect(sync(`${server.url}/a.git`)).rejects.toMatchObject({ code: 'GIT_NOT_A_REPOSITORY' });
    expect(await mirrors()).toEqual([]);
  });

  it('may not lead to another protocol', async () => {
    const answer = `HTTP/1.1 302 Found\r\nlocation: file://${remote.bare}/info/refs\r\ncontent-length: 0\r\n\r\n`;
    const server = await serveTcp(ground, (socket) => socket.once('data', () => socket.end(answer)));
    await expect(sync(`${server.url}/a.git`)).rejects.toSatisfy((error) => error instanceof PloinkyError);
    expect(await mirrors()).toEqual([]);
  });
});

describe.skipIf(process.platform !== 'linux')('a remote that accepts and never answers', () => {
  it('is given up after the deadline, and no child of Git stays', async () => {
    const server = await serveTcp(ground, () => {});
    timeoutMs = 2_000;
    const outcome = sync(`${server.url}/a.git`);
    outcome.catch(() => {});
    await server.accepted;
    expect(processesMentioning(`:${server.port}/a.git`).some((line) => line.includes('remote-http'))).toBe(true);
    await expect(outcome).rejects.toMatchObject({
      code: 'GIT_TIMEOUT',
      message: expect.stringContaining('within 2 s'),
    });
    expect(processesMentioning(`:${server.port}/a.git`)).toEqual([]);
    expect(await mirrors()).toEqual([]);
  });

  it('is given up as soon as the caller gives up, with the reason of the caller', async () => {
    const server = await serveTcp(ground, () => {});
    const controller = new AbortController();
    const outcome = sync(`${server.url}/a.git`, controller.signal);
    outcome.catch(() => {});
    await server.accepted;
    controller.abort();
    await expect(outcome).rejects.toMatchObject({ code: 'GIT_FAILED', message: expect.stringContaining('stopped') });
    expect(processesMentioning(`:${server.port}/a.git`)).toEqual([]);

    const reason = new PloinkyError('SUPERSEDED', 'A newer release was requested.');
    const aborted = new AbortController();
    aborted.abort(reason);
    await expect(sync(`${server.url}/a.git`, aborted.signal)).rejects.toBe(reason);
  });

  it('holds up neither another remote nor another call that gives up', async () => {
    const server = await serveTcp(ground, () => {});
    const working = await serveGit(ground, ground.folder);
    const controller = new AbortController();
    const stuck = [1, 2, 3].map(() => sync(`${server.url}/a.git`, controller.signal));
    const over = Promise.allSettled(stuck);
    await server.accepted;
    expect(await sync(`${working.url}/remote.git`)).toMatchObject({ commit });
    controller.abort();
    expect((await over).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(processesMentioning(`:${server.port}/a.git`)).toEqual([]);
  });
});

describe('a remote over ssh', () => {
  it('is reached without a terminal and without questions', async () => {
    // Stands for ssh: notes its arguments and runs what the other side would run.
    const bin = join(ground.folder, 'bin');
    await mkdir(bin);
    const script = `#!/bin/sh\nprintf '%s\\n' "$@" > '${ground.folder}/ssh-arguments'\nfor last; do :; done\nexec sh -c "$last"\n`;
    await writeFile(join(bin, 'ssh'), script);
    await chmod(join(bin, 'ssh'), 0o755);
    vi.stubEnv('PATH', `${bin}:${process.env.PATH}`);

    expect(await sync(`git@example.org:${remote.bare}`)).toMatchObject({ commit });
    const given = (await readFile(join(ground.folder, 'ssh-arguments'), 'utf8')).split('\n');
    expect(given).toContain('-oBatchMode=yes');
    expect(given).toContain('git@example.org');
    expect(await sync(`ssh://git@example.org:2222${remote.bare}`)).toMatchObject({ commit });
    expect(await readFile(join(ground.folder, 'ssh-arguments'), 'utf8')).toContain('2222');
  });
});

describe('no Git at all', () => {
  it('is said so', async () => {
    vi.stubEnv('PATH', join(ground.folder, 'nothing'));
    await expect(sync('https://127.0.0.1:9/a')).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: 'Git could not be started: ENOENT.',
    });
  });
});
