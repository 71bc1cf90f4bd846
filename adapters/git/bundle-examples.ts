import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { nanoid } from 'nanoid';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { isDamage } from './damage.ts';
import { type ExampleFile, readExampleFiles } from './example-files.ts';
import { makeGitHome } from './git-environment.ts';
import { lastWords } from './git-failure.ts';
import { LocalGitError, runLocalGit } from './local-git.ts';
import { treeHash } from './tree-hash.ts';

/** Fixed, so that equal content is an equal commit on every machine. */
const author = 'Ploinky <ploinky@localhost>';
const epoch = 1_767_225_600;
const branch = 'refs/heads/main';

/**
 * Commits the agents of `examplesFolder` to the bare repository `target`. Made when absent; unchanged when the content
 * is that of its head; otherwise one commit on top. Needs no Git configuration. Answers with the head.
 * @throws PloinkyError GIT_FAILED
 */
export async function bundleExamples(paths: { examplesFolder: string; target: string }): Promise<{ commit: string }> {
  const { examplesFolder, target } = paths;
  const files = await readExampleFiles(examplesFolder);
  const home = await makeGitHome(dirname(target));
  try {
    const commit = await commitOnTop(home, target, files);
    if (commit !== null) return { commit };
    return { commit: await makeAnew(home, target, files) };
  } catch (error) {
    if (!(error instanceof LocalGitError)) throw error;
    const said = lastWords(error.stderr) || 'no reason given';
    throw new PloinkyError('GIT_FAILED', `The bundled agents could not be committed to ${target}: ${said}.`, {
      hint: 'Check that Git 2.30 or newer is installed and that the disk has space, then start again.',
      cause: error,
    });
  }
}

/** Null when there is no repository yet, or one that Git cannot use: releases live in mirrors, so nothing is lost. */
async function commitOnTop(home: string, target: string, files: readonly ExampleFile[]): Promise<string | null> {
  const isThere = await stat(target).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isThere) return null;
  return commitFiles(home, target, files).catch((error) => {
    if (isDamage(error)) return null;
    throw error;
  });
}

async function makeAnew(home: string, target: string, files: readonly ExampleFile[]): Promise<string> {
  const fresh = `${target}.tmp-${nanoid(8)}`;
  try {
    await mkdir(fresh, { recursive: true });
    await runLocalGit(home, { gitDir: fresh, args: ['init', '--quiet', '--bare'] });
    const commit = await commitFiles(home, fresh, files);
    await rm(target, { recursive: true, force: true });
    await rename(fresh, target);
    return commit;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function commitFiles(home: string, gitDir: string, files: readonly ExampleFile[]): Promise<string> {
  const git = async (args: string[], input?: Buffer) => {
    const output = await runLocalGit(home, { gitDir, args, ...(input ? { input } : {}) });
    return output.toString('utf8').trim();
  };
  const [parent, tree] = (await git(['for-each-ref', '--format=%(objectname) %(tree)', branch])).split(' ');
  if (parent && tree === treeHash(files)) return parent;
  await git(['fast-import', '--quiet', '--force'], importStream(files, parent || null));
  return git(['rev-parse', '--verify', branch]);
}

/** A commit with exactly these files, in the language of `git fast-import`. */
function importStream(files: readonly ExampleFile[], parent: string | null): Buffer {
  const message = parent === null ? 'Agents that come with Ploinky\n' : 'Agents of another version of Ploinky\n';
  const parts: (string | Buffer)[] = [
    'feature done\n',
    `commit ${branch}\nauthor ${author} ${epoch} +0000\ncommitter ${author} ${epoch} +0000\n`,
    `data ${Buffer.byteLength(message)}\n${message}`,
    ...(parent === null ? [] : [`from ${parent}\n`]),
    'deleteall\n',
  ];
  for (const { path, executable, content } of files) {
    parts.push(
      `M ${executable ? '100755' : '100644'} inline ${JSON.stringify(path)}\ndata ${content.length}\n`,
      content,
      '\n',
    );
  }
  parts.push('done\n');
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}
