import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nanoid } from 'nanoid';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { quote } from '../../core/names/names.ts';
import { agentTree } from './agents-at-commit.ts';
import { LocalGitError } from './local-git.ts';
import type { Mirror } from './mirror.ts';
import { staysInside } from './symlink-target.ts';
import { readBlobs, readTree } from './tree.ts';

/**
 * Writes an agent's folder to `target`, which is replaced as a whole. Executable bits are kept; submodules become
 * empty folders and LFS files stay pointers.
 * @throws PloinkyError AGENT_NOT_FOUND, MANIFEST_INVALID; LocalGitError
 */
export async function checkoutAgent(
  mirror: Mirror,
  request: { commit: string; agent: string; target: string },
  signal: AbortSignal,
): Promise<void> {
  const { commit, agent, target } = request;
  const tree = await agentTree(mirror, commit, agent);
  const work = `${target}.tmp-${nanoid(8)}`;
  const files = join(work, 'files');
  const old = join(work, 'old');
  try {
    await mkdir(files, { recursive: true });
    const env = { GIT_INDEX_FILE: join(work, 'index'), GIT_WORK_TREE: files };
    // Side by side: no file is written before both are content, and none is taken away before both are over.
    const links = refuseLinksOut(mirror, tree, `${agent} at ${commit.slice(0, 7)}`);
    links.catch(() => {});
    await mirror.run(['read-tree', tree], { env, signal }).catch(refuseBadPaths);
    await links;
    await mirror.run(['checkout-index', '--all', '--force', '--quiet'], { env, cwd: files, signal });
    await mkdir(dirname(target), { recursive: true });
    await rename(target, old).catch(ignoreAbsent);
    await rename(files, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function refuseLinksOut(mirror: Mirror, tree: string, where: string): Promise<void> {
  const links = (await readTree(mirror, tree, true)).filter((entry) => entry.mode === '120000');
  const targets = await readBlobs(
    mirror,
    links.map((link) => link.hash),
  );
  for (const [index, { path }] of links.entries()) {
    const target = targets[index]?.toString('utf8') ?? '';
    if (staysInside(path, target)) continue;
    const message = `${where}: the symbolic link ${quote(path)} leads out of the agent’s folder, to ${quote(target)}.`;
    throw new PloinkyError('MANIFEST_INVALID', message, { hint: 'Put the file itself into the folder of the agent.' });
  }
}

/** Names such as `.git/config`, which would make Git run what they say. */
function refuseBadPaths(error: unknown): never {
  if (error instanceof LocalGitError && /invalid path/i.test(error.stderr)) {
    throw new PloinkyError('MANIFEST_INVALID', 'The agent’s folder holds a file name that Git refuses to write.');
  }
  throw error;
}

function ignoreAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
