import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { nanoid } from 'nanoid';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { type ExampleFile, readExampleFiles } from './example-files.ts';
import { makeGitHome } from './git-environment.ts';
import { lastWords } from './git-failure.ts';
import { LocalGitError, runLocalGit } from './local-git.ts';

/** Fixed, so that equal content is an equal commit on every machine. */
const author = 'Ploinky <ploinky@localhost>';
const epoch = 1_767_225_600;
const branch = 'refs/heads/main';
const candidate = 'refs/ploinky/candidate';

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
    if (await isFolder(target)) return { commit: await commitFiles(home, target, files) };
    const fresh = `${target}.tmp-${nanoid(8)}`;
    try {
      await mkdir(fresh, { recursive: true });
      await runLocalGit(home, { gitDir: fresh, args: ['init', '--quiet', '--bare'] });
      const commit = await commitFiles(home, fresh, files);
      await rename(fresh, target);
      return { commit };
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  } catch (error) {
    if (!(error instanceof LocalGitError)) throw error;
    const said = lastWords(error.stderr) || 'no reason given';
    throw new PloinkyError('GIT_FAILED', `The bundled agents could not be committed to ${target}: ${said}.`, {
      hint: 'Check that Git 2.30 or newer is installed, remove that folder, and try again.',
      cause: error,
    });
  }
}

async function commitFiles(home: string, gitDir: string, files: readonly ExampleFile[]): Promise<string> {
  const git = async (args: string[], input?: Buffer) => {
    const output = await runLocalGit(home, { gitDir, args, ...(input ? { input } : {}) });
    return output.toString('utf8').trim();
  };
  const head = await git(['for-each-ref', '--format=%(objectname) %(tree)', branch]);
  const [parent, parentTree] = head.split(' ');
  await git(['fast-import', '--quiet', '--force'], importStream(files, null));
  const tree = await git(['rev-parse', '--verify', `${candidate}^{tree}`]);
  if (parent && tree === parentTree) return parent;
  if (parent) await git(['fast-import', '--quiet', '--force'], importStream(files, parent));
  const commit = await git(['rev-parse', '--verify', candidate]);
  await git(['update-ref', branch, commit]);
  return commit;
}

/** A commit with exactly these files, in the language of `git fast-import`. */
function importStream(files: readonly ExampleFile[], parent: string | null): Buffer {
  const message = parent === null ? 'Agents that come with Ploinky\n' : 'Agents of another version of Ploinky\n';
  const parts: (string | Buffer)[] = [
    'feature done\n',
    `reset ${candidate}\n\n`,
    `commit ${candidate}\nauthor ${author} ${epoch} +0000\ncommitter ${author} ${epoch} +0000\n`,
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

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
