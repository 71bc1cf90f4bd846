import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nanoid } from 'nanoid';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { quote } from '../../core/names/names.ts';
import { agentTree } from './agents-at-commit.ts';
import { LocalGitError } from './local-git.ts';
import type { Mirror } from './mirror.ts';
import type { ObjectReader } from './object-reader.ts';
import { staysInside } from './symlink-target.ts';
import { readFiles, type Tree } from './tree.ts';

/** Bytes; systems follow no longer one. */
const longestTarget = 4096;

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
  // No file is written before it is certain that no link leads out.
  const tree = await mirror.reading(async (objects) => {
    const folder = await agentTree(objects, commit, agent);
    await refuseLinksOut(objects, folder, `${agent} at ${commit.slice(0, 7)}`);
    return folder.hash;
  }, signal);
  const work = `${target}.tmp-${nanoid(8)}`;
  const files = join(work, 'files');
  const old = join(work, 'old');
  try {
    await mkdir(files, { recursive: true });
    const env = { GIT_INDEX_FILE: join(work, 'index'), GIT_WORK_TREE: files };
    // Into an empty index and an empty folder: every name is looked at before the first file is written.
    await mirror.run(['read-tree', '-m', '-u', tree], { env, cwd: files, signal }).catch(refuseBadPaths);
    await mkdir(dirname(target), { recursive: true });
    await rename(target, old).catch(ignoreAbsent);
    await rename(files, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function refuseLinksOut(objects: ObjectReader, tree: Tree, where: string): Promise<void> {
  const links = (await readFiles(objects, tree)).filter((entry) => entry.mode === '120000');
  await Promise.all(
    links.map(async ({ path, hash }) => {
      const found = await objects.read(hash, longestTarget);
      if (found === null) throw new LocalGitError(0, `missing blob ${hash}`);
      const target = found.content?.toString('utf8') ?? '';
      if (staysInside(path, target)) return;
      const to = found.content === null ? `where ${found.size} bytes of path would lead` : `to ${quote(target)}`;
      const message = `${where}: the symbolic link ${quote(path)} leads out of the agent’s folder, ${to}.`;
      throw new PloinkyError('MANIFEST_INVALID', message, {
        hint: 'Put the file itself into the folder of the agent.',
      });
    }),
  );
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
