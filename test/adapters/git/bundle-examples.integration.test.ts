import { chmod, cp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleExamples } from '../../../adapters/git/bundle-examples.ts';
import { createGit } from '../../../adapters/git/create-git.ts';
import { git, TestGround } from './test-repository.ts';

const never = new AbortController().signal;
const shipped = resolve(import.meta.dirname, '../../../examples');
let ground: TestGround;
let examplesFolder: string;
let target: string;

beforeEach(async () => {
  ground = await TestGround.make();
  examplesFolder = join(ground.folder, 'examples');
  target = join(ground.folder, 'bundled/PloinkyDemo.git');
  await cp(shipped, examplesFolder, { recursive: true });
});
afterEach(() => ground.clear());

describe('the bundled repository', () => {
  it('is the same commit for the same content, whatever permissions and times say', async () => {
    const { commit } = await bundleExamples({ examplesFolder, target });
    for (const file of await readdir(join(examplesFolder, 'shell-demo/handlers'))) {
      await chmod(join(examplesFolder, 'shell-demo/handlers', file), 0o600);
    }
    const other = join(ground.folder, 'elsewhere/PloinkyDemo.git');
    expect(await bundleExamples({ examplesFolder, target: other })).toEqual({ commit });
    expect(await bundleExamples({ examplesFolder, target })).toEqual({ commit });
    expect(git(target, ['rev-list', '--count', 'main'])).toBe('1');
    expect(git(target, ['log', '-1', '--format=%an <%ae> %ct'])).toBe('Ploinky <ploinky@localhost> 1767225600');
    git(target, ['fsck', '--strict']);
    expect(await readdir(join(ground.folder, 'bundled'))).toEqual(['.home', 'PloinkyDemo.git']);
  });

  it('gets a commit on top when the content changed', async () => {
    const first = await bundleExamples({ examplesFolder, target });
    await writeFile(join(examplesFolder, 'demo/extra "quoted" file.txt'), 'new\n');
    await rm(join(examplesFolder, 'shell-demo/README.md'));
    const second = await bundleExamples({ examplesFolder, target });
    expect(git(target, ['rev-list', 'main']).split('\n')).toEqual([second.commit, first.commit]);
    expect(git(target, ['diff', '--name-status', '-z', 'main~1', 'main'])).toBe(
      'A\0demo/extra "quoted" file.txt\0D\0shell-demo/README.md\0',
    );
    expect(await bundleExamples({ examplesFolder, target })).toEqual(second);
  });

  it('holds agents with manifests that are accepted, and executable handlers', async () => {
    await bundleExamples({ examplesFolder: shipped, target });
    const adapter = createGit({
      reposFolder: join(ground.folder, 'repos'),
      bundledFolder: join(ground.folder, 'bundled'),
      allowLocal: () => false,
      timeoutMs: () => 30_000,
    });
    const repository = { name: 'PloinkyDemo', url: 'bundled:PloinkyDemo', branch: null };
    const { agents } = await adapter.sync(repository, never);
    expect(agents.map(({ name }) => name)).toEqual([
      'cgi',
      'chat',
      'demo',
      'node-app',
      'python-app',
      'shell-demo',
      'static-site',
    ]);
    for (const { name, about } of agents) {
      const request = {
        repository,
        agent: name,
        branch: null,
        commit: null,
        deployment: `localhost/${name}`,
        release: 1,
      };
      expect((await adapter.resolve(request, never)).manifest).toMatchObject({ name, about });
    }
    expect(git(target, ['ls-tree', '-r', '--format=%(objectmode) %(path)', 'main', 'shell-demo/handlers/'])).toMatch(
      /^(100755 \S+\.sh\n?)+$/,
    );
  });

  it.each(['HEAD', 'objects', 'refs/heads/main'])('is made anew when Git cannot use it: without %s', async (lost) => {
    const { commit } = await bundleExamples({ examplesFolder, target });
    await rm(join(target, lost), { recursive: true });
    expect(await bundleExamples({ examplesFolder, target })).toEqual({ commit });
    git(target, ['fsck', '--strict']);
  });

  it('is not made where it cannot be', async () => {
    await writeFile(join(ground.folder, 'bundled'), 'a file');
    await expect(bundleExamples({ examplesFolder, target })).rejects.toThrow();
    expect(await readdir(ground.folder)).toEqual(['bundled', 'examples']);
  });
});

describe('the demo agent', () => {
  const demo = createRequire(import.meta.url)(join(shipped, 'demo/index.js')) as Record<
    string,
    (...params: unknown[]) => unknown
  >;

  it('says hello, adds, echoes and fails', async () => {
    expect(demo.hello?.()).toBe('Hello, World!');
    expect(demo.hello?.('you')).toBe('Hello, you!');
    expect(demo.add?.('1', 2, '3.5')).toBe(6.5);
    expect(() => demo.add?.('x')).toThrow('not all numbers');
    expect(demo.echo?.('a', { b: 1 })).toEqual(['a', { b: 1 }]);
    expect(demo.whoami?.()).toBe('nobody in particular');
    expect(await demo.slow?.(1)).toBe('waited 1 ms');
    await expect(demo.fail?.('because')).rejects.toMatchObject({ message: 'because', code: 'DEMO_FAILURE' });
  });
});
