import { randomBytes } from 'node:crypto';
import { access, lstat, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGit } from '../../../adapters/git/create-git.ts';
import type { GitPort, RepositoryAddress } from '../../../adapters/git/git-port.ts';
import { git, manifest, TestGround, TestRepository } from './test-repository.ts';

const never = new AbortController().signal;
let ground: TestGround;
let remote: TestRepository;
let adapter: GitPort;
let repository: RepositoryAddress;
let target: string;

beforeEach(async () => {
  ground = await TestGround.make();
  remote = await TestRepository.make(ground);
  adapter = createGit({
    reposFolder: join(ground.folder, 'repos'),
    bundledFolder: ground.folder,
    allowLocal: () => true,
    timeoutMs: () => 30_000,
  });
  repository = { name: 'team', url: remote.bare, branch: null };
  target = join(ground.folder, 'agents/localhost-demo/1/code');
});
afterEach(() => ground.clear());

async function checkout(commit: string, agent = 'demo'): Promise<void> {
  await adapter.sync(repository, never);
  await adapter.checkout({ repository, commit, agent, target }, never);
}
const parentOf = () => readdir(join(target, '..'));

describe('a checkout', () => {
  it('is the agent’s folder at that commit, byte for byte, with executable bits and links', async () => {
    const binary = randomBytes(200_000);
    const commit = await remote.commit({
      'demo/manifest.json': manifest(),
      'demo/handlers/hello.sh': { content: '#!/bin/sh\necho hi\r\n', executable: true },
      'demo/data.bin': { content: binary },
      'demo/ünï code.txt': 'x',
      'demo/link': { linkTo: 'handlers/hello.sh' },
      'demo/handlers/up': { linkTo: '../data.bin' },
      'demo/.gitattributes': '*.sh text eol=lf ident\n*.txt export-ignore\n*.big filter=lfs\n',
      'demo/model.big': 'version https://git-lfs.github.com/spec/v1\n',
      'other/secret': 'not for demo',
    });
    await remote.commit({ 'demo/later': 'not yet' });
    await checkout(commit);
    expect((await readdir(target)).sort()).toEqual(
      ['.gitattributes', 'data.bin', 'handlers', 'link', 'manifest.json', 'model.big', 'ünï code.txt'].sort(),
    );
    expect(binary.equals(await readFile(join(target, 'data.bin')))).toBe(true);
    expect((await lstat(join(target, 'handlers/hello.sh'))).mode & 0o111).not.toBe(0);
    expect((await lstat(join(target, 'data.bin'))).mode & 0o111).toBe(0);
    expect(await readlink(join(target, 'link'))).toBe('handlers/hello.sh');
    expect(await parentOf()).toEqual(['code']);
  });

  it('replaces what was there as a whole', async () => {
    const commit = await remote.commit({ 'demo/manifest.json': manifest() });
    await mkdir(join(target, 'old'), { recursive: true });
    await writeFile(join(target, 'old/file'), 'old');
    await checkout(commit);
    expect(await readdir(target)).toEqual(['manifest.json']);
    expect(await parentOf()).toEqual(['code']);
  });

  it('leaves submodules alone', async () => {
    await remote.commit({ 'demo/manifest.json': manifest() });
    git(remote.work, ['update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},demo/module`]);
    git(remote.work, ['commit', '-q', '-m', 'Submodule']);
    remote.push();
    await checkout(remote.head());
    expect(await readdir(join(target, 'module'))).toEqual([]);
  });

  it.each([
    ['/etc/passwd', 'absolute'],
    ['../../other', 'climbing'],
    ['handlers/../../x', 'climbing later'],
  ])('refuses a symbolic link to %s (%s) and leaves what was there', async (linkTo) => {
    const commit = await remote.commit({ 'demo/manifest.json': manifest(), 'demo/link': { linkTo } });
    await mkdir(target, { recursive: true });
    await writeFile(join(target, 'kept'), '');
    await expect(checkout(commit)).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      message: expect.stringContaining('the symbolic link "link" leads out'),
    });
    expect(await readdir(target)).toEqual(['kept']);
    expect(await parentOf()).toEqual(['code']);
  });

  it('refuses names that would make Git run something', async () => {
    await remote.commit({ 'demo/manifest.json': manifest() });
    const blob = git(remote.work, ['hash-object', '-w', '--stdin'], '[core]\n\tfsmonitor = touch /tmp/owned\n');
    const config = git(remote.work, ['mktree'], `100644 blob ${blob}\tconfig\n`);
    const agent = git(remote.work, ['mktree'], `100644 blob ${blob}\tmanifest.json\n040000 tree ${config}\t.git\n`);
    const root = git(remote.work, ['mktree'], `040000 tree ${agent}\tdemo\n`);
    const commit = git(remote.work, ['commit-tree', root, '-m', 'Evil']);
    git(remote.work, ['push', '-q', 'origin', `${commit}:refs/heads/evil`]);
    await expect(checkout(commit)).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
    await expect(access(target)).rejects.toThrow();
  });

  it('of an agent or commit that is not there says so', async () => {
    const commit = await remote.commit({ 'demo/manifest.json': manifest(), file: '' });
    await expect(checkout(commit, 'nobody')).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' });
    await expect(checkout(commit, 'file')).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' });
    await expect(checkout(commit, '..')).rejects.toMatchObject({ code: 'INVALID_NAME' });
    await expect(checkout('0'.repeat(40))).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });
});
