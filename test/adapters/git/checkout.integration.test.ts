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

  it.each([
    ['0120000', 'a mode with a zero too many'],
    ['120777', 'a mode with permissions'],
  ])('refuses a link out under the mode %s: %s, which Git takes for a link too', async (mode) => {
    await remote.commit({ 'demo/manifest.json': manifest() });
    const [content, target] = ['{}', '/etc'].map((text) => git(remote.work, ['hash-object', '-w', '--stdin'], text));
    const commit = await pushed({ link: [mode, target ?? ''], 'manifest.json': ['100644', content ?? ''] });
    await expect(checkout(commit)).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      message: expect.stringContaining('the symbolic link "link" leads out'),
    });
  });

  it('looks for links in a folder whose mode has a zero too many', async () => {
    await remote.commit({ 'demo/manifest.json': manifest() });
    const blob = git(remote.work, ['hash-object', '-w', '--stdin'], '/etc');
    const inner = treeObject({ link: ['120000', blob] });
    const commit = await pushed({ inner: ['0040000', inner], 'manifest.json': ['100644', blob] });
    await expect(checkout(commit)).rejects.toMatchObject({
      message: expect.stringContaining('the symbolic link "inner/link" leads out'),
    });
  });

  it('keeps the bits of old repositories, as Git does', async () => {
    await remote.commit({ 'demo/manifest.json': manifest() });
    const blob = git(remote.work, ['hash-object', '-w', '--stdin'], '{}');
    await checkout(await pushed({ 'manifest.json': ['100664', blob], run: ['100775', blob] }));
    expect((await lstat(join(target, 'manifest.json'))).mode & 0o111).toBe(0);
    expect((await lstat(join(target, 'run'))).mode & 0o111).not.toBe(0);
  });

  it('refuses more files than a folder of an agent can have, however small the repository is', async () => {
    await remote.commit({ 'demo/manifest.json': manifest() });
    const blob = git(remote.work, ['hash-object', '-w', '--stdin'], '{}');
    const names = Array.from({ length: 1_000 }, (_, i) => `n${String(i).padStart(3, '0')}`);
    const many = (mode: string, hash: string) => treeObject(Object.fromEntries(names.map((n) => [n, [mode, hash]])));
    const billion = many('40000', many('40000', many('100644', blob)));
    const commit = await pushed({ bomb: ['40000', billion], 'manifest.json': ['100644', blob] });
    await expect(checkout(commit)).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      message: expect.stringContaining('more than 250000 files and folders'),
    });
  });

  it('refuses a link whose target is longer than any path, without reading it', async () => {
    await remote.commit({ 'demo/manifest.json': manifest() });
    const blob = git(remote.work, ['hash-object', '-w', '--stdin'], 'a/'.repeat(10_000_000));
    const commit = await pushed({ link: ['120000', blob], 'manifest.json': ['100644', blob] });
    await expect(checkout(commit)).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      message: expect.stringContaining('"link"'),
    });
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

type Entries = Readonly<Record<string, readonly [mode: string, hash: string]>>;

/** As it is given: `git mktree` would correct the modes. */
function treeObject(entries: Entries): string {
  const bytes = Object.entries(entries).flatMap(([name, [mode, hash]]) => [
    Buffer.from(`${mode} ${name}\0`),
    Buffer.from(hash, 'hex'),
  ]);
  const args = ['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'];
  return git(remote.work, args, Buffer.concat(bytes));
}

/** A commit whose agent demo is that tree. */
async function pushed(demo: Entries): Promise<string> {
  const root = treeObject({ demo: ['40000', treeObject(demo)] });
  const commit = git(remote.work, ['commit-tree', root, '-m', 'Made by hand']);
  git(remote.work, ['push', '-q', 'origin', `${commit}:refs/heads/made`]);
  return commit;
}
