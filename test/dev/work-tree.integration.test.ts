import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGit } from '../../adapters/git/create-git.ts';
import { FolderWatch } from '../../cli/dev/folder-watch.ts';
import { WorkTree } from '../../cli/dev/work-tree.ts';
import { git } from '../adapters/git/test-repository.ts';

const never = new AbortController().signal;
let base: string;
let folder: string;
let tree: WorkTree | null = null;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'pdev-'));
  folder = join(base, 'shop');
  write({ 'manifest.json': '{}', 'index.js': '1' });
});
afterEach(async () => {
  await tree?.close();
  tree = null;
  rmSync(base, { recursive: true, force: true });
});

function write(files: Record<string, string>, at = folder): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(at, name)), { recursive: true });
    writeFileSync(join(at, name), content);
  }
}

/** Names of what a server would check out. */
async function sent(): Promise<string[]> {
  tree ??= await WorkTree.open(folder, 'shop', base);
  const snapshot = await tree.snapshot();
  const remote = join(base, 'server');
  mkdirSync(remote, { recursive: true });
  git(remote, ['init', '-q', '--bare']);
  git(remote, ['index-pack', '--stdin'], await tree.pack(snapshot, null));
  return git(remote, ['ls-tree', '-r', '--name-only', snapshot.commit]).split('\n').sort();
}

describe('a folder that is sent', () => {
  it('needs no Git, and leaves out what Git ignores', async () => {
    write({
      '.gitignore': 'node_modules/\n*.log\n!keep.log\n',
      'node_modules/x/index.js': 'x',
      'a.log': '',
      'keep.log': '',
    });
    write({ 'deep/.gitignore': 'tmp\n', 'deep/tmp/x': '', 'deep/ü b.txt': 'y' });
    symlinkSync('index.js', join(folder, 'link'));
    const quoted = '"shop/deep/\\303\\274 b.txt"';
    const rest = ['.gitignore', 'deep/.gitignore', 'index.js', 'keep.log', 'link', 'manifest.json'].map(
      (n) => `shop/${n}`,
    );
    expect(await sent()).toEqual([quoted, ...rest]);
    const folders = await (tree as WorkTree).folders();
    expect(folders.sort()).toEqual([folder, join(folder, 'deep')]);
  });

  it('within a working tree follows its rules, takes what is not committed, and what is in spite of them', async () => {
    write({ '.gitignore': 'secret.txt\nbuilt.js\n', '.git-is-not-here': '' }, base);
    write({ 'secret.txt': 'no', 'built.js': 'yes', 'gone.js': '' });
    git(base, ['init', '-q']);
    git(base, ['add', '-f', 'shop/built.js', 'shop/gone.js']);
    git(base, ['commit', '-q', '-m', 'x']);
    rmSync(join(folder, 'gone.js'));
    expect(await sent()).toEqual(['shop/built.js', 'shop/index.js', 'shop/manifest.json']);
    expect(git(base, ['status', '--short', '--', 'shop/gone.js'])).toBe('D shop/gone.js');
  });

  it('is the same until a file changes, and then only the change goes', async () => {
    write({ 'large.txt': Array.from({ length: 5_000 }, (_, n) => `${n * n}`).join('\n') });
    tree = await WorkTree.open(folder, 'shop', base);
    const first = await tree.snapshot();
    expect(await tree.snapshot()).toBe(first);
    write({ 'index.js': '2' });
    const second = await tree.snapshot();
    expect(second).toMatchObject({ changed: ['index.js'] });
    const [all, change] = [await tree.pack(second, null), await tree.pack(second, first)];
    expect(change.length).toBeLessThan(all.length / 10);

    const options = { allowLocal: () => false, timeoutMs: () => 30_000 };
    const server = createGit({ ...options, reposFolder: join(base, 'd', 'repos'), bundledFolder: base });
    const take = (commit: string, pack: Buffer) => server.receivePack({ name: 'dev-shop', commit, pack }, never);
    await expect(take(second.commit, change)).rejects.toMatchObject({ code: 'DEV_INCOMPLETE' });
    await expect(take(first.commit, Buffer.from('no pack'))).rejects.toMatchObject({ code: 'DEV_INCOMPLETE' });
    await take(first.commit, await tree.pack(first, null));
    await take(second.commit, change);
    const repository = { name: 'dev-shop', url: 'ploinky-dev:dev-shop', branch: null };
    const wanted = { repository, agent: 'shop', branch: null, deployment: 'localhost/shop' };
    const found = await server.resolve({ ...wanted, commit: second.commit, release: 1 }, never);
    expect(found.subject).toBe('Working tree: index.js');
  });
});

describe('the watch of a folder', () => {
  it('tells of a change once it is quiet, also of one between two looks', async () => {
    const watch = new FolderWatch();
    try {
      watch.follow([folder]);
      write({ 'index.js': '2', 'other.js': '3' });
      await watch.changed(never);
      mkdirSync(join(folder, 'new'));
      await watch.changed(never);
      watch.follow([folder, join(folder, 'new'), join(folder, 'nowhere')]);
      write({ 'new/file.js': '' });
      await watch.changed(never);
      const aborted = new AbortController();
      const waiting = watch.changed(aborted.signal);
      aborted.abort(new Error('enough'));
      await expect(waiting).rejects.toThrow('enough');
    } finally {
      watch.close();
    }
  });
});
