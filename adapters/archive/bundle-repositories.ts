import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeGitHome } from '../git/git-environment.ts';
import { runLocalGit } from '../git/local-git.ts';

export interface Bundle {
  /** Of the mirror's folder, without `.git`. */
  readonly name: string;
  /** There until the next one is asked for. */
  readonly file: string;
  /** Which remote it mirrors, as its file `description` says. */
  readonly description: string;
}

/**
 * The mirrors one by one as Git bundles: all refs, pins of releases among them, and every object they need. A bundle is
 * consistent while others fetch, which copied files of a repository are not. One that cannot be read is told of.
 */
export async function* bundleRepositories(repos: string, onSkipped: (name: string) => void): AsyncGenerator<Bundle> {
  const names = await readdir(repos).catch(() => []);
  const mirrors = names.filter((name) => /^[0-9a-f]+\.git$/.test(name)).sort();
  if (mirrors.length === 0) return;
  const work = await mkdtemp(join(tmpdir(), 'ploinky-backup-'));
  try {
    const home = await makeGitHome(work);
    const file = join(work, 'bundle');
    for (const mirror of mirrors) {
      const gitDir = join(repos, mirror);
      const name = mirror.slice(0, -'.git'.length);
      try {
        const refs = await runLocalGit(home, { gitDir, args: ['for-each-ref', '--count=1'] });
        // Git makes no bundle of nothing, and nothing is lost with an empty mirror.
        if (refs.length === 0) continue;
        await runLocalGit(home, { gitDir, args: ['bundle', 'create', '--quiet', file, '--all'] });
      } catch {
        onSkipped(`repositories/${name}`);
        continue;
      }
      const description = await readFile(join(gitDir, 'description'), 'utf8').catch(() => '');
      yield { name, file, description };
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Makes a mirror again out of its bundle, below `repos`. @throws LocalGitError */
export async function unbundle(repos: string, name: string, file: string, description: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'ploinky-restore-'));
  try {
    const home = await makeGitHome(work);
    const gitDir = join(repos, `${name}.git`);
    await mkdir(gitDir, { recursive: true });
    await runLocalGit(home, { gitDir, args: ['init', '--quiet', '--bare'] });
    const args = [
      'fetch',
      '--quiet',
      '--no-tags',
      '--no-write-fetch-head',
      '--no-auto-gc',
      '--',
      file,
      '+refs/*:refs/*',
    ];
    await runLocalGit(home, { gitDir, args });
    await writeFile(join(gitDir, 'description'), description);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
