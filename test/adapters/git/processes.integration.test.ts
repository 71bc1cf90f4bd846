import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGit } from '../../../adapters/git/create-git.ts';
import type { GitPort, RepositoryAddress } from '../../../adapters/git/git-port.ts';
import { findProgram } from '../../engines/engine-home.ts';
import { manifest, TestGround, TestRepository } from './test-repository.ts';

const never = new AbortController().signal;
let ground: TestGround;
let remote: TestRepository;
let adapter: GitPort;
let repository: RepositoryAddress;
let said: string;

/** A Git before the real one that writes down what it is asked for. */
beforeEach(async () => {
  ground = await TestGround.make();
  remote = await TestRepository.make(ground);
  repository = { name: 'team', url: remote.bare, branch: null };
  const folder = join(ground.folder, 'bin');
  said = join(ground.folder, 'said');
  await mkdir(folder);
  await writeFile(join(folder, 'git'), `#!/bin/sh\necho "$*" >> '${said}'\nexec '${findProgram('git')}' "$@"\n`);
  await chmod(join(folder, 'git'), 0o755);
  const { PATH } = process.env;
  process.env.PATH = `${folder}${delimiter}${PATH}`;
  ground.cleanup(() => {
    process.env.PATH = PATH;
  });
  adapter = createGit({
    reposFolder: join(ground.folder, 'repos'),
    bundledFolder: ground.folder,
    allowLocal: () => true,
    timeoutMs: () => 30_000,
  });
});
afterEach(() => ground.clear());

async function deploy(release: number, commit: string | null = null): Promise<void> {
  const resolved = await adapter.resolve(
    { repository, agent: 'demo', branch: null, commit, deployment: 'localhost/demo', release },
    never,
  );
  const target = join(ground.folder, 'code');
  await adapter.checkout({ repository, commit: resolved.commit, agent: 'demo', target }, never);
}

/** The commands that Git was started for since the last time. */
async function started(): Promise<string[]> {
  const lines = (await readFile(said, 'utf8')).trim().split('\n');
  await writeFile(said, '');
  return lines.map((line) => line.replace(/^(?:-c \S+(?: -o\S+)* |--git-dir=\S+ )*/, '').split(' ', 1)[0] ?? '').sort();
}

describe('the processes of a deploy', () => {
  it('are six where the remote has nothing new: each takes longer to start than to answer', async () => {
    await remote.commit({ 'demo/manifest.json': manifest(), 'demo/a/b/file': '', 'demo/link': { linkTo: 'a/b/file' } });
    await deploy(1);
    await started();
    await deploy(2);
    expect(await started()).toEqual(['cat-file', 'cat-file', 'for-each-ref', 'ls-remote', 'read-tree', 'update-ref']);
  });

  it('are as many, and ask no remote, where the commit is here', async () => {
    const commit = await remote.commit({ 'demo/manifest.json': manifest() });
    await deploy(1);
    await started();
    await deploy(2, commit);
    expect(await started()).toEqual(['cat-file', 'cat-file', 'cat-file', 'cat-file', 'read-tree', 'update-ref']);
  });
});
