import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGit } from '../../../adapters/git/create-git.ts';
import type { GitPort, RepositoryAddress } from '../../../adapters/git/git-port.ts';
import { git, manifest, TestGround, TestRepository } from './test-repository.ts';

const never = new AbortController().signal;
let ground: TestGround;
let remote: TestRepository;
let adapter: GitPort;
let allowLocal = true;
let repository: RepositoryAddress;

beforeEach(async () => {
  ground = await TestGround.make();
  remote = await TestRepository.make(ground, 'remote', 'trunk');
  allowLocal = true;
  adapter = createGit({
    reposFolder: join(ground.folder, 'repos'),
    bundledFolder: join(ground.folder, 'bundled'),
    allowLocal: () => allowLocal,
    timeoutMs: () => 30_000,
  });
  repository = { name: 'team', url: remote.bare, branch: null };
});
afterEach(() => ground.clear());

const resolve = (source: {
  agent?: string;
  branch?: string | null;
  tag?: string;
  commit?: string | null;
  release?: number;
}) =>
  adapter.resolve(
    { repository, agent: 'demo', branch: null, commit: null, deployment: 'localhost/demo', release: 1, ...source },
    never,
  );

describe('a sync', () => {
  it('answers with the default branch, its commit and the agents there', async () => {
    const commit = await remote.commit({
      'demo/manifest.json': manifest({ about: 'says hello' }),
      'broken/manifest.json': '{ not json',
      'docs/README.md': 'no agent',
      '.hidden/manifest.json': manifest(),
      'with space/manifest.json': manifest(),
      'deep/er/manifest.json': manifest(),
      'manifest.json': manifest(),
    });
    expect(await adapter.sync(repository, never)).toEqual({
      branch: 'trunk',
      commit,
      agents: [
        { name: 'broken', about: '' },
        { name: 'demo', about: 'says hello' },
      ],
    });
  });

  it('follows the branch of the repository, however it moves', async () => {
    await remote.commit({ 'demo/manifest.json': manifest() });
    remote.branch('next');
    const first = await remote.commit({ 'more/manifest.json': manifest() });
    const onNext = { ...repository, branch: 'next' };
    expect(await adapter.sync(onNext, never)).toMatchObject({ branch: 'next', commit: first });
    git(remote.work, ['reset', '-q', '--hard', 'HEAD~1']);
    const second = await remote.commit({ 'other/manifest.json': manifest() });
    expect((await adapter.sync(onNext, never)).agents.map(({ name }) => name)).toEqual(['demo', 'other']);
    expect(second).not.toBe(first);
  });

  it('survives a branch that becomes a folder of branches, and back', async () => {
    await remote.commit({ 'demo/manifest.json': manifest() });
    remote.branch('x');
    remote.push();
    await adapter.sync(repository, never);
    git(remote.bare, ['branch', '-m', 'x', 'x/y']);
    expect(await adapter.sync({ ...repository, branch: 'x/y' }, never)).toMatchObject({ branch: 'x/y' });
    git(remote.bare, ['branch', '-m', 'x/y', 'x']);
    expect(await adapter.sync({ ...repository, branch: 'x' }, never)).toMatchObject({ branch: 'x' });
  });

  it('says what is wrong with the repository, and leaves nothing behind', async () => {
    await expect(adapter.sync(repository, never)).rejects.toMatchObject({
      code: 'GIT_REF_NOT_FOUND',
      message: /no branch yet/,
    });
    const gone = { ...repository, url: join(ground.folder, 'nowhere') };
    await expect(adapter.sync(gone, never)).rejects.toMatchObject({ code: 'GIT_NOT_A_REPOSITORY' });
    await expect(
      adapter.resolve(
        { repository: gone, agent: 'demo', branch: null, commit: null, deployment: 'localhost/demo', release: 1 },
        never,
      ),
    ).rejects.toMatchObject({ code: 'GIT_NOT_A_REPOSITORY' });
    expect((await readdir(join(ground.folder, 'repos'))).filter((name) => name.includes('.git'))).toEqual([]);
    await remote.commit({ 'demo/manifest.json': manifest() });
    const other = adapter.sync({ ...repository, branch: 'missing' }, never);
    await expect(other).rejects.toMatchObject({
      code: 'GIT_REF_NOT_FOUND',
      message: /no branch or tag "missing"/,
      hint: /trunk/,
    });
    const unpushed = { repository, agent: 'demo', branch: null, deployment: 'localhost/demo', release: 1 };
    await expect(adapter.resolve({ ...unpushed, commit: 'deadbee' }, never)).rejects.toMatchObject({
      message: /no commit or tag "deadbee"/,
      hint: /^Push the commit, or give its whole hash\. Its branches are: trunk/,
    });
  });

  it('refuses local paths unless the setting allows them, but never what is bundled', async () => {
    await remote.commit({ 'demo/manifest.json': manifest() });
    allowLocal = false;
    await expect(adapter.sync(repository, never)).rejects.toMatchObject({ code: 'GIT_URL_REFUSED' });
    await expect(adapter.sync({ ...repository, url: `file://${remote.bare}` }, never)).rejects.toMatchObject({
      code: 'GIT_URL_REFUSED',
    });
    git(ground.folder, ['clone', '-q', '--bare', remote.bare, join(ground.folder, 'bundled/own.git')]);
    expect(await adapter.sync({ ...repository, url: 'bundled:own' }, never)).toMatchObject({ branch: 'trunk' });
  });

  it.each(['-x', '--upload-pack=touch x', 'a..b', 'a\u0000b', ''])('refuses the branch %j', async (branch) => {
    await expect(adapter.sync({ ...repository, branch }, never)).rejects.toMatchObject({ code: 'INVALID_NAME' });
  });
});

describe('a source', () => {
  let first: string;
  let second: string;

  beforeEach(async () => {
    first = await remote.commit({ 'demo/manifest.json': manifest({ about: 'one' }) }, 'First\n\nbody');
    git(remote.work, ['tag', 'light']);
    git(remote.work, ['tag', '-a', 'v1', '-m', 'annotated']);
    remote.push('--tags');
    second = await remote.commit(
      { 'demo/manifest.json': manifest({ about: 'two', image: 'alpine' }) },
      'Second \u001b[31mred',
    );
  });

  it('is the head of the default branch when nothing else is said', async () => {
    const { manifest: read, ...source } = await resolve({});
    expect(source).toEqual({ branch: 'trunk', commit: second, subject: 'Second  [31mred' });
    expect(read).toMatchObject({ name: 'demo', about: 'two', image: 'alpine' });
  });

  it('is the commit behind a tag of either kind, also where a branch has the same name', async () => {
    git(remote.work, ['branch', 'v1']);
    remote.push('refs/heads/v1');
    for (const tag of ['light', 'v1', 'refs/tags/v1']) {
      expect(await resolve({ tag, branch: 'trunk' })).toMatchObject({ commit: first, branch: null });
    }
    expect(await resolve({ tag: 'v1', commit: second })).toMatchObject({ commit: second });
  });

  it('by a tag that is not there names those that are near', async () => {
    for (const tag of ['release-1.2.0', 'release-1.3.0', 'other', 'more', 'still-more', 'and-more'])
      git(remote.work, ['tag', tag]);
    remote.push('--tags');
    const error = resolve({ tag: 'release-1.3' });
    await expect(error).rejects.toMatchObject({ code: 'GIT_REF_NOT_FOUND', message: /no tag "release-1.3"/ });
    await expect(error).rejects.toMatchObject({ hint: /^Near ones are: release-1\.3\.0, release-1\.2\.0, / });
    await expect(resolve({ tag: 'trunk' })).rejects.toMatchObject({ message: /no tag "trunk"/ });
    await expect(resolve({ tag: 'a..b' })).rejects.toMatchObject({ code: 'INVALID_NAME' });
  });

  it('by a tag of something else than a commit is refused', async () => {
    git(remote.work, ['tag', 'a-file', 'HEAD:demo/manifest.json']);
    remote.push('--tags');
    await expect(resolve({ tag: 'a-file' })).rejects.toMatchObject({ message: /names a file or folder, no commit/ });
  });

  it('may be a branch, a tag of either kind, a full or an abbreviated commit', async () => {
    expect(await resolve({ branch: 'trunk' })).toMatchObject({ branch: 'trunk', commit: second });
    expect(await resolve({ branch: 'light' })).toMatchObject({ branch: 'light', commit: first });
    expect(await resolve({ branch: 'v1' })).toMatchObject({ commit: first, subject: 'First' });
    expect(await resolve({ commit: 'v1' })).toMatchObject({ branch: null, commit: first });
    expect(await resolve({ commit: first })).toMatchObject({ branch: null, commit: first });
    expect(await resolve({ commit: first.toUpperCase() })).toMatchObject({ commit: first });
    expect(await resolve({ commit: first.slice(0, 7), branch: 'trunk' })).toMatchObject({
      branch: 'trunk',
      commit: first,
    });
  });

  it('follows the repository’s own branch before the remote’s', async () => {
    remote.branch('stable', first);
    remote.push();
    repository = { ...repository, branch: 'stable' };
    expect(await resolve({})).toMatchObject({ branch: 'stable', commit: first });
    expect(await resolve({ branch: 'trunk' })).toMatchObject({ branch: 'trunk', commit: second });
  });

  it('keeps branch and commit apart when a branch is named like a commit', async () => {
    remote.branch(first.slice(0, 10), second);
    remote.push();
    expect(await resolve({ branch: first.slice(0, 10) })).toMatchObject({ commit: second });
    expect(await resolve({ commit: first.slice(0, 10) })).toMatchObject({ commit: first });
  });

  it('is refused when the commit is unknown, too short or no commit', async () => {
    const tree = git(remote.work, ['rev-parse', 'HEAD^{tree}']);
    for (const commit of ['0'.repeat(40), 'abcdef1', second.slice(0, 6), tree, tree.slice(0, 12), 'no-such-tag']) {
      await expect(resolve({ commit })).rejects.toMatchObject({ code: 'GIT_REF_NOT_FOUND' });
    }
    await expect(resolve({ branch: 'missing' })).rejects.toMatchObject({ code: 'GIT_REF_NOT_FOUND' });
    await expect(resolve({ commit: '-x' })).rejects.toMatchObject({ code: 'INVALID_NAME' });
  });

  it('is refused when several commits begin so', async () => {
    const [one, two] = commitsOfOnePrefix(git(remote.work, ['rev-parse', 'HEAD^{tree}']));
    for (const [index, text] of [one, two].entries()) {
      const hash = git(remote.bare, ['hash-object', '-t', 'commit', '-w', '--stdin'], text.body);
      expect(hash).toBe(text.hash);
      git(remote.bare, ['update-ref', `refs/heads/twin${index}`, hash]);
    }
    await expect(resolve({ commit: one.hash.slice(0, 7) })).rejects.toMatchObject({
      code: 'GIT_REF_NOT_FOUND',
      message: expect.stringContaining('Several commits'),
    });
    expect(await resolve({ commit: two.hash })).toMatchObject({ commit: two.hash });
  });

  it('is refused when agent or manifest are not there or wrong', async () => {
    await remote.commit({
      'empty/README.md': '',
      'broken/manifest.json': '{"resources": {"memory": "lots"}}',
      'text/manifest.json': '{"name": "x",\n "about" }',
      'binary/manifest.json': { content: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) },
      'huge/manifest.json': `{"about": "${'x'.repeat(300_000)}"}`,
      'linked/manifest.json': { linkTo: '../demo/manifest.json' },
      'folder/manifest.json/x': '',
    });
    const at = remote.head().slice(0, 7);
    await expect(resolve({ agent: 'nobody' })).rejects.toMatchObject({
      code: 'AGENT_NOT_FOUND',
      message: `There is no folder nobody at commit ${at}.`,
    });
    const problems = {
      empty: 'the file is missing',
      broken: '/resources/memory should be an amount',
      text: '"}" is not expected at line 2, column 10',
      binary: 'not UTF-8',
      huge: 'larger than 256 KiB',
      linked: 'should be a plain file',
      folder: 'should be a plain file',
    };
    for (const [agent, problem] of Object.entries(problems)) {
      const message = expect.stringContaining(`${agent}/manifest.json at ${at}: `);
      await expect(resolve({ agent })).rejects.toMatchObject({ code: 'MANIFEST_INVALID', message });
      await expect(resolve({ agent })).rejects.toThrow(problem);
    }
    for (const agent of ['..', '.', '-x', 'a/b', '__proto__', 'a\u0000']) {
      await expect(resolve({ agent })).rejects.toMatchObject({ code: 'INVALID_NAME' });
    }
  });

  it('needs no remote when the commit is named in full and here', async () => {
    await resolve({ commit: first });
    await rm(remote.bare, { recursive: true });
    allowLocal = false;
    expect(await resolve({ commit: first, release: 2 })).toMatchObject({ commit: first, manifest: { about: 'one' } });
    allowLocal = true;
    await expect(resolve({ branch: 'trunk' })).rejects.toMatchObject({ code: 'GIT_NOT_A_REPOSITORY' });
  });

  it('is brought from the remote even when no branch leads to it any more', async () => {
    git(remote.work, ['reset', '-q', '--hard', first]);
    remote.push();
    git(remote.bare, ['config', 'uploadpack.allowAnySHA1InWant', 'true']);
    expect(await resolve({ commit: second })).toMatchObject({ commit: second });
  });
});

/** Two commit objects whose hashes share their first seven digits; some 16,000 tries. */
function commitsOfOnePrefix(tree: string) {
  const seen = new Map<string, { hash: string; body: string }>();
  for (let count = 0; ; count += 1) {
    const body = `tree ${tree}\nauthor T <t@l> ${count} +0000\ncommitter T <t@l> 0 +0000\n\nTwin\n`;
    const hash = createHash('sha1').update(`commit ${body.length}\0${body}`).digest('hex');
    const twin = seen.get(hash.slice(0, 7));
    if (twin) return [twin, { hash, body }] as const;
    seen.set(hash.slice(0, 7), { hash, body });
  }
}
