import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGit } from '../../../adapters/git/create-git.ts';
import type { GitPort, RepositoryAddress } from '../../../adapters/git/git-port.ts';
import { manifest, TestGround, TestRepository } from './test-repository.ts';

const never = new AbortController().signal;
let ground: TestGround;
let adapter: GitPort;
let repository: RepositoryAddress;
let folder: string;
let commit: string;

beforeEach(async () => {
  ground = await TestGround.make();
  const remote = await TestRepository.make(ground);
  adapter = createGit({
    reposFolder: join(ground.folder, 'repos'),
    bundledFolder: ground.folder,
    allowLocal: () => true,
    timeoutMs: () => 30_000,
  });
  repository = { name: 'team', url: remote.bare, branch: null };
  folder = join(ground.folder, 'code');
  commit = await remote.commit({
    'demo/manifest.json': manifest(),
    'demo/ü b.txt': 'umlaut',
    'demo/run.sh': { content: '#!/bin/sh\n', executable: true },
    'demo/link': { linkTo: 'run.sh' },
    'demo/lines.txt': 'one\ntwo\n',
    'demo/.gitattributes': 'lines.txt eol=crlf\n',
    'other/manifest.json': manifest(),
  });
  await adapter.sync(repository, never);
  await adapter.checkout({ repository, commit, agent: 'demo', target: folder }, never);
});
afterEach(() => ground.clear());

const compare = () => adapter.compare({ repository, commit, agent: 'demo', folder }, never);

describe('a checkout held against its commit', () => {
  it('is the same right after it was made, with links, executable files and odd names', async () => {
    expect(await compare()).toEqual({ files: 6, differing: [] });
  });

  it('is the same with more beside it', async () => {
    await mkdir(join(folder, 'node_modules/x'), { recursive: true });
    await writeFile(join(folder, 'node_modules/x/index.js'), '');
    expect((await compare()).differing).toEqual([]);
  });

  it('names every file that was changed, removed or made something else', async () => {
    await writeFile(join(folder, 'ü b.txt'), 'other');
    await rm(join(folder, 'manifest.json'));
    await chmod(join(folder, 'run.sh'), 0o644);
    await rm(join(folder, 'link'));
    await symlink('manifest.json', join(folder, 'link'));
    expect((await compare()).differing).toEqual(['link', 'manifest.json', 'run.sh', 'ü b.txt']);
  });

  it('sees a change of the same length and time', async () => {
    await writeFile(join(folder, 'lines.txt'), 'one\ntwa\n');
    expect((await compare()).differing).toEqual(['lines.txt']);
  });
});
