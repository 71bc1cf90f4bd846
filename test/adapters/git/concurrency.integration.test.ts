import { chown, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGit } from '../../../adapters/git/create-git.ts';
import type { GitPort } from '../../../adapters/git/git-port.ts';
import { MirrorFolder } from '../../../adapters/git/mirror.ts';
import { git, manifest, TestGround, TestRepository } from './test-repository.ts';

const never = () => new AbortController().signal;
let ground: TestGround;
let adapter: GitPort;

beforeEach(async () => {
  ground = await TestGround.make();
  adapter = createGit({
    reposFolder: join(ground.folder, 'repos'),
    bundledFolder: ground.folder,
    allowLocal: () => true,
    timeoutMs: () => 60_000,
  });
});
afterEach(() => ground.clear());

describe('many calls at once', () => {
  it('on one repository that keeps moving all get a commit that was there', async () => {
    const remote = await TestRepository.make(ground);
    const commits = [await remote.commit({ 'demo/manifest.json': manifest() })];
    const repository = { name: 'team', url: remote.bare, branch: null };
    const calls: Promise<{ commit: string }>[] = [];
    for (let n = 1; n <= 8; n += 1) {
      calls.push(adapter.sync(repository, never()));
      const request = {
        repository,
        agent: 'demo',
        branch: null,
        commit: null,
        deployment: 'localhost/demo',
        release: n,
      };
      calls.push(adapter.resolve(request, never()));
      // Half of them rewrite history.
      if (n % 2 === 0) git(remote.work, ['commit', '-q', '--amend', '--allow-empty', '-m', `Amended ${n}`]);
      commits.push(await remote.commit({ [`file${n}`]: '' }));
    }
    for (const { commit } of await Promise.all(calls)) expect(commits).toContain(commit);
    const mirror = new MirrorFolder(join(ground.folder, 'repos')).folderOf(remote.bare);
    git(mirror, ['fsck', '--strict']);
    expect(git(mirror, ['for-each-ref', 'refs/ploinky']).split('\n')).toHaveLength(8);
    expect(await adapter.sync(repository, never())).toMatchObject({ commit: commits.at(-1) });
  });

  it('on several repositories make one mirror each', async () => {
    const remotes = await Promise.all(['one', 'two', 'three'].map((name) => TestRepository.make(ground, name)));
    const heads = await Promise.all(
      remotes.map((remote, n) => remote.commit({ [`agent${n}/manifest.json`]: manifest() })),
    );
    const twice = [...remotes, ...remotes].map(({ bare }) =>
      adapter.sync({ name: 'team', url: bare, branch: null }, never()),
    );
    expect((await Promise.all(twice)).map(({ commit }) => commit)).toEqual([...heads, ...heads]);
    expect((await readdir(join(ground.folder, 'repos'))).filter((name) => name !== '.home')).toHaveLength(3);
  });
});

// Only root can make a repository that belongs to somebody else.
describe.skipIf(process.getuid?.() !== 0)('a repository of another user', () => {
  it('is read all the same once local paths are allowed', async () => {
    const remote = await TestRepository.make(ground);
    const commit = await remote.commit({ 'demo/manifest.json': manifest() });
    const own = async (folder: string): Promise<void> => {
      await chown(folder, 65_534, 65_534);
      for (const entry of await readdir(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) await own(path);
        else await chown(path, 65_534, 65_534);
      }
    };
    await own(remote.bare);
    expect(await adapter.sync({ name: 'team', url: remote.bare, branch: null }, never())).toMatchObject({ commit });
    await own(join(ground.folder, 'repos'));
    expect(await adapter.sync({ name: 'team', url: remote.bare, branch: null }, never())).toMatchObject({ commit });
  });
});
