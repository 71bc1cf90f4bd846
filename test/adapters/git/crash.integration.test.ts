import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGit } from '../../../adapters/git/create-git.ts';
import { MirrorFolder } from '../../../adapters/git/mirror.ts';
import { type GitHttpServer, serveGit } from './git-http-server.ts';
import { processesMentioning } from './processes.ts';
import { git, manifest, TestGround, TestRepository } from './test-repository.ts';

const never = new AbortController().signal;
let ground: TestGround;
let remote: TestRepository;
let server: GitHttpServer;
let repos: string;
let url: string;
let commit: string;

beforeEach(async () => {
  ground = await TestGround.make();
  remote = await TestRepository.make(ground);
  server = await serveGit(ground, ground.folder);
  repos = join(ground.folder, 'repos');
  url = `${server.url}/remote.git`;
  commit = await remote.commit({ 'demo/manifest.json': manifest(), 'demo/large': { content: randomBytes(300_000) } });
});
afterEach(() => ground.clear());

/** Another process begins to clone and is killed while the pack is on its way. */
async function killMidClone(): Promise<void> {
  server.brake.pull();
  const child = spawn(process.execPath, [join(import.meta.dirname, 'sync-child.mjs'), repos, url], { stdio: 'ignore' });
  const ended = once(child, 'exit').then(([code]) => {
    if (code !== null) throw new Error(`the child ended by itself with ${code}`);
  });
  await Promise.race([server.brake.stalled, ended]);
  child.kill('SIGKILL');
  await ended;
}

describe.skipIf(process.platform !== 'linux')('kill -9 of the server in the middle of a clone', () => {
  it('leaves a folder that the next start can use at once, and a Git that ends by itself', async () => {
    await killMidClone();
    const adapter = createGit({
      reposFolder: repos,
      bundledFolder: repos,
      allowLocal: () => false,
      timeoutMs: () => 30_000,
    });
    const repository = { name: 'team', url, branch: null };
    expect(await adapter.sync(repository, never)).toMatchObject({ commit, agents: [{ name: 'demo' }] });
    await adapter.checkout({ repository, commit, agent: 'demo', target: join(ground.folder, 'code') }, never);
    expect((await readdir(join(ground.folder, 'code'))).sort()).toEqual(['large', 'manifest.json']);

    await server.brake.gone;
    git(new MirrorFolder(repos).folderOf(url), ['fsck', '--strict']);
    expect((await readdir(repos)).filter((name) => name !== '.home')).toHaveLength(1);
  });

  it('leaves nothing of a Git that was given up in the middle of a pack', async () => {
    server.brake.pull();
    const adapter = createGit({
      reposFolder: repos,
      bundledFolder: repos,
      allowLocal: () => false,
      timeoutMs: () => 30_000,
    });
    const controller = new AbortController();
    const outcome = adapter.sync({ name: 'team', url, branch: null }, controller.signal);
    outcome.catch(() => {});
    await server.brake.stalled;
    controller.abort();
    await expect(outcome).rejects.toMatchObject({ code: 'GIT_FAILED' });
    expect(processesMentioning(`:${server.port}/`)).toEqual([]);
    const packs = await readdir(join(new MirrorFolder(repos).folderOf(url), 'objects/pack'));
    expect(packs.filter((name) => name.endsWith('.pack'))).toEqual([]);
    expect(await adapter.sync({ name: 'team', url, branch: null }, never)).toMatchObject({ commit });
  });
});
