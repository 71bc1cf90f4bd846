import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGit } from '../../../adapters/git/create-git.ts';
import type { GitPort, RepositoryAddress } from '../../../adapters/git/git-port.ts';
import { MirrorFolder } from '../../../adapters/git/mirror.ts';
import { git, manifest, TestGround, TestRepository } from './test-repository.ts';

const never = new AbortController().signal;
let ground: TestGround;
let remote: TestRepository;
let adapter: GitPort;
let repository: RepositoryAddress;
let mirror: string;

beforeEach(async () => {
  ground = await TestGround.make();
  remote = await TestRepository.make(ground);
  const reposFolder = join(ground.folder, 'repos');
  adapter = createGit({ reposFolder, bundledFolder: ground.folder, allowLocal: () => true, timeoutMs: () => 30_000 });
  repository = { name: 'team', url: remote.bare, branch: null };
  mirror = new MirrorFolder(reposFolder).folderOf(remote.bare);
});
afterEach(() => ground.clear());

const resolve = (commit: string | null, deployment = 'localhost/demo', release = 1) =>
  adapter.resolve({ repository, agent: 'demo', branch: null, commit, deployment, release }, never);
const pins = () => git(mirror, ['for-each-ref', '--format=%(refname)', 'refs/ploinky']).split('\n').filter(Boolean);

/** The strictest clean-up there is: what no ref names is gone at once. */
function collect(folder: string): void {
  git(folder, ['reflog', 'expire', '--expire=now', '--all']);
  git(folder, ['gc', '--quiet', '--prune=now']);
}

describe('the pin of a release', () => {
  it('keeps its commit through a force-push, gc on both sides and a remote that is gone', async () => {
    const first = await remote.commit({ 'demo/manifest.json': manifest({ about: 'one' }), 'demo/file': 'one' });
    await resolve(null);
    git(remote.work, ['checkout', '-q', '--orphan', 'fresh']);
    await remote.commit({ 'demo/manifest.json': manifest({ about: 'two' }), 'demo/file': 'two' });
    git(remote.work, ['push', '-q', '--force', 'origin', 'fresh:main']);
    collect(remote.bare);
    expect(() => git(remote.bare, ['cat-file', '-e', first])).toThrow();
    await adapter.sync(repository, never);
    collect(mirror);
    await rm(remote.bare, { recursive: true });

    expect(await resolve(first, 'localhost/demo', 2)).toMatchObject({ commit: first, manifest: { about: 'one' } });
    const target = join(ground.folder, 'code');
    await adapter.checkout({ repository, commit: first, agent: 'demo', target }, never);
    expect(await readFile(join(target, 'file'), 'utf8')).toBe('one');
  });

  it('is one per deployment and release, and goes when asked', async () => {
    await remote.commit({ 'demo/manifest.json': manifest() });
    await resolve(null, 'localhost/demo', 1);
    await resolve(null, 'localhost/demo', 2);
    await resolve(null, 'localhost/', 1);
    expect(pins()).toEqual([
      'refs/ploinky/localhost-demo/1',
      'refs/ploinky/localhost-demo/2',
      expect.stringMatching(/^refs\/ploinky\/localhost-root-[0-9a-f]{8}\/1$/),
    ]);
    await adapter.unpin({ repository, deployment: 'localhost/demo', release: 1 });
    await adapter.unpin({ repository, deployment: 'localhost/demo', release: 1 });
    expect(pins()).toHaveLength(2);
  });

  it('is not made for what fails', async () => {
    await remote.commit({ 'demo/manifest.json': '{' });
    await expect(resolve(null)).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
    expect(pins()).toEqual([]);
  });

  it('of a repository that was never fetched is nothing', async () => {
    await adapter.unpin({ repository: { ...repository, url: '/nowhere' }, deployment: 'localhost/demo', release: 1 });
  });
});
