import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { parseName } from '../../core/names/names.ts';
import { isDamage } from './damage.ts';
import { makeGitHome } from './git-environment.ts';
import { lastWords } from './git-failure.ts';
import { LocalGitError, runLocalGit } from './local-git.ts';

/** The one branch of a dev repository: the folder as it was when it was sent last. */
export const devBranch = 'dev';
const ref = `refs/heads/${devBranch}`;

export interface Received {
  readonly name: string;
  /** That the branch is to name. */
  readonly commit: string;
  /** A pack with what the commit needs; what an earlier one brought may be missing. */
  readonly pack: Buffer;
}

/**
 * Takes a commit into the dev repository of that name, which is made when absent.
 * @throws PloinkyError DEV_INCOMPLETE when something is missing, GIT_FAILED
 */
export async function receivePack(
  folder: string,
  { name, commit, pack }: Received,
  signal: AbortSignal,
): Promise<void> {
  const gitDir = join(folder, `${parseName(name, 'repository')}.git`);
  await mkdir(gitDir, { recursive: true });
  const home = await makeGitHome(folder);
  // Durable before it is told: an event will name the commit.
  const config = ['core.fsync=committed,reference'];
  const git = (args: string[], input?: Buffer) => {
    return runLocalGit(home, { gitDir, args, config, signal, ...(input ? { input } : {}) });
  };
  try {
    await git(['init', '--quiet', '--bare', `--initial-branch=${devBranch}`]);
    await removeLeftOvers(gitDir);
  } catch (error) {
    throw failed(name, error);
  }
  try {
    if (pack.length > 0) await git(['index-pack', '--stdin', '--fix-thin', '--strict'], pack);
    await git(['rev-list', '--objects', '--quiet', `${commit}^{commit}`]);
  } catch (error) {
    if (!(error instanceof LocalGitError) || !isDamage(error)) throw failed(name, error);
    throw new PloinkyError('DEV_INCOMPLETE', `What came for ${name} is no whole commit: ${lastWords(error.stderr)}.`, {
      cause: error,
    });
  }
  try {
    await git(['update-ref', ref, commit]);
    // What nothing names any more goes in time; releases have their own copy.
    await git(['gc', '--auto', '--quiet']).catch(() => {});
  } catch (error) {
    throw failed(name, error);
  }
}

/** Of a Git that was killed; only this server writes here. */
async function removeLeftOvers(gitDir: string): Promise<void> {
  const folder = join(gitDir, 'objects', 'pack');
  const names = await readdir(folder).catch(() => []);
  for (const name of names) if (name.startsWith('tmp_')) await rm(join(folder, name), { force: true });
  for (const name of [`${ref}.lock`, 'packed-refs.lock', 'HEAD.lock']) await rm(join(gitDir, name), { force: true });
}

function failed(name: string, error: unknown): unknown {
  if (!(error instanceof LocalGitError)) return error;
  return new PloinkyError('GIT_FAILED', `The dev repository ${name} cannot be written: ${lastWords(error.stderr)}.`, {
    cause: error,
  });
}
