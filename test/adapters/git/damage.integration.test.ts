import { mkdir, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGit } from '../../../adapters/git/create-git.ts';
import type { RepositoryAddress } from '../../../adapters/git/git-port.ts';
import { MirrorFolder } from '../../../adapters/git/mirror.ts';
import { git, manifest, TestGround, TestRepository } from './test-repository.ts';

const never = new AbortController().signal;
let ground: TestGround;
let remote: TestRepository;
let repository: RepositoryAddress;
let repos: string;
let mirror: string;
let first: string;

/** Every call is a start of the server: what was learned about the folder is forgotten. */
const restart = () =>
  createGit({ reposFolder: repos, bundledFolder: ground.folder, allowLocal: () => true, timeoutMs: () => 30_000 });
const resolve = (adapter: ReturnType<typeof restart>, commit: string | null, release = 1) =>
  adapter.resolve({ repository, agent: 'demo', branch: null, commit, deployment: 'localhost/demo', release }, never);

beforeEach(async () => {
  ground = await TestGround.make();
  remote = await TestRepository.make(ground);
  repository = { name: 'team', url: remote.bare, branch: null };
  repos = join(ground.folder, 'repos');
  mirror = new MirrorFolder(repos).folderOf(remote.bare);
  first = await remote.commit({ 'demo/manifest.json': manifest({ about: 'one' }) });
  await resolve(restart(), null);
});
afterEach(() => ground.clear());

async function packs(): Promise<string[]> {
  const folder = join(mirror, 'objects/pack');
  return (await readdir(folder)).filter((name) => name.endsWith('.pack')).map((name) => join(folder, name));
}

describe('a mirror that lost something', () => {
  const damages: [string, () => Promise<unknown>][] = [
    ['its HEAD', () => rm(join(mirror, 'HEAD'))],
    ['its objects', () => rm(join(mirror, 'objects'), { recursive: true })],
    ['its refs', () => rm(join(mirror, 'refs'), { recursive: true })],
    ['its configuration', () => rm(join(mirror, 'config'))],
    ['its configuration to noise', () => writeFile(join(mirror, 'config'), '\u0000\u0001[[[')],
    ['half of a pack', async () => truncate((await packs())[0]!, 40)],
    ['a ref to noise', () => writeFile(join(mirror, 'refs/heads/main'), '\u0000noise')],
    ['everything', () => rm(mirror, { recursive: true })],
  ];

  it.each(damages)('%s is made usable again', async (_what, damage) => {
    await damage();
    const adapter = restart();
    expect(await adapter.sync(repository, never)).toMatchObject({
      commit: first,
      agents: [{ name: 'demo', about: 'one' }],
    });
    expect(await resolve(adapter, first, 2)).toMatchObject({ commit: first });
    await adapter.checkout({ repository, commit: first, agent: 'demo', target: join(ground.folder, 'code') }, never);
    git(mirror, ['fsck', '--strict']);
    expect((await readdir(repos)).filter((name) => /\.tmp-|\.old$/.test(name))).toEqual([]);
  });

  it('keeps the pins that can still be read when it is made anew', async () => {
    git(remote.work, ['checkout', '-q', '--orphan', 'fresh']);
    await remote.commit({ 'demo/manifest.json': manifest({ about: 'two' }) });
    git(remote.work, ['push', '-q', '--force', 'origin', 'fresh:main']);
    await restart().sync(repository, never);
    const [, newer] = (
      await Promise.all((await packs()).map(async (path) => ({ path, at: (await stat(path)).mtimeMs })))
    ).sort((a, b) => a.at - b.at);
    await truncate(newer!.path, 40);
    const adapter = restart();
    expect((await adapter.sync(repository, never)).agents).toEqual([{ name: 'demo', about: 'two' }]);
    expect(await resolve(adapter, first, 2)).toMatchObject({ commit: first, manifest: { about: 'one' } });
  });

  it('is not thrown away while the remote cannot be asked', async () => {
    await truncate((await packs())[0]!, 40);
    await rename(remote.bare, `${remote.bare}.away`);
    await expect(restart().sync(repository, never)).rejects.toMatchObject({ code: 'GIT_NOT_A_REPOSITORY' });
    expect((await stat(mirror)).isDirectory()).toBe(true);
    await rename(`${remote.bare}.away`, remote.bare);
    expect(await restart().sync(repository, never)).toMatchObject({ commit: first });
  });
});

describe('what a killed server leaves', () => {
  it('is tidied up by the next start', async () => {
    for (const name of [
      'packed-refs.lock',
      'HEAD.lock',
      'gc.pid',
      'refs/heads/main.lock',
      'objects/pack/tmp_pack_abc',
    ]) {
      await writeFile(join(mirror, name), 'left over');
    }
    await mkdir(`${mirror}.tmp-abc`);
    await mkdir(`${mirror}.old`);
    const next = await remote.commit({ 'demo/manifest.json': manifest({ about: 'two' }) });
    git(remote.work, ['push', '-q', 'origin', ':refs/heads/none'], undefined);
    const adapter = restart();
    expect(await adapter.sync(repository, never)).toMatchObject({ commit: next });
    await adapter.unpin({ repository, deployment: 'localhost/demo', release: 1 });
    expect((await readdir(repos)).filter((name) => name !== '.home')).toEqual([mirror.slice(repos.length + 1)]);
    expect((await readdir(join(mirror, 'objects/pack'))).filter((name) => name.startsWith('tmp'))).toEqual([]);
  });

  it('between two renames is put back', async () => {
    await rename(mirror, `${mirror}.old`);
    await rename(remote.bare, `${remote.bare}.away`);
    expect(await resolve(restart(), first, 2)).toMatchObject({ commit: first });
  });
});
