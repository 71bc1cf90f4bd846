import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentTree } from './agents-at-commit.ts';
import { LocalGitError } from './local-git.ts';
import type { Mirror } from './mirror.ts';
import { readFiles } from './tree.ts';

/**
 * Git's own comparison, with an index of its own: line ends and links are judged as the checkout made them.
 * @throws PloinkyError AGENT_NOT_FOUND; LocalGitError
 */
export async function compareCheckout(
  mirror: Mirror,
  { commit, agent, folder }: { commit: string; agent: string; folder: string },
  signal: AbortSignal,
): Promise<{ files: number; differing: string[] }> {
  const { tree, files } = await mirror.reading(async (objects) => {
    const folder = await agentTree(objects, commit, agent);
    return {
      tree: folder.hash,
      files: (await readFiles(objects, folder)).filter(({ type }) => type === 'blob').length,
    };
  }, signal);
  const work = await mkdtemp(join(tmpdir(), 'ploinky-compare-'));
  try {
    const env = { GIT_INDEX_FILE: join(work, 'index'), GIT_WORK_TREE: folder };
    const more = { env, cwd: folder, signal };
    await mirror.run(['read-tree', tree], more);
    // It ends with 1 when something differs, which is what we want to know.
    await mirror.run(['update-index', '-q', '--refresh'], more).catch((error: unknown) => {
      if (!(error instanceof LocalGitError) || error.exitCode !== 1) throw error;
    });
    const output = await mirror.run(['diff-files', '--name-only', '-z'], more);
    const differing = output.toString('utf8').split('\0');
    return { files, differing: [...new Set(differing)].filter((name) => name !== '').sort() };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
