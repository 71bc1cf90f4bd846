import { access, copyFile, lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { makeGitHome } from '../../adapters/git/git-environment.ts';
import { LocalGitError, runLocalGit } from '../../adapters/git/local-git.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';

/** A folder as it is at one moment. */
export interface Snapshot {
  readonly commit: string;
  /** The same as long as no file changed. */
  readonly tree: string;
  /** Files that are not as in the snapshot before, at most a few; none in the first. */
  readonly changed: readonly string[];
}

const author = ['user.name=p-cli cloud dev', 'user.email=dev@localhost'];
const filesTold = 20;

/**
 * The files of a folder as Git would take them, uncommitted ones included, in a Git folder of our own: the user's is read
 * and never written, and need not be there.
 */
export class WorkTree {
  readonly folder: string;
  readonly #agent: string;
  /** The folder itself, or the top of the user's working tree around it, whose .gitignore counts too. */
  readonly #top: string;
  readonly #gitDir: string;
  readonly #home: string;
  readonly #config: readonly string[];
  #last: Snapshot | null = null;

  private constructor(folder: string, agent: string, top: string, gitDir: string, home: string, config: string[]) {
    this.folder = folder;
    this.#agent = agent;
    this.#top = top;
    this.#gitDir = gitDir;
    this.#home = home;
    this.#config = config;
  }

  /** @param userHome where the user's own list of ignored files would be */
  static async open(folder: string, agent: string, userHome: string): Promise<WorkTree> {
    const top = (await topOf(folder)) ?? folder;
    const base = await mkdtemp(join(tmpdir(), 'ploinky-dev-'));
    const home = await makeGitHome(base);
    const gitDir = join(base, 'git');
    await mkdir(gitDir);
    const ignore = join(userHome, '.config', 'git', 'ignore');
    const config = [
      ...author,
      'core.autocrlf=false',
      ...((await exists(ignore)) ? [`core.excludesFile=${ignore}`] : []),
    ];
    const tree = new WorkTree(folder, agent, top, gitDir, home, config);
    await runLocalGit(home, { gitDir, args: ['init', '--quiet', '--bare'] });
    await mkdir(join(gitDir, 'info'), { recursive: true });
    await copyFile(join(top, '.git', 'info', 'exclude'), join(gitDir, 'info', 'exclude')).catch(() => {});
    return tree;
  }

  /** Takes in what changed. @throws PloinkyError FILE_UNREADABLE */
  async snapshot(): Promise<Snapshot> {
    try {
      const inside = this.#inside();
      const files = await this.#files();
      await this.#git(['read-tree', '--empty']);
      await this.#git(
        ['update-index', '--add', '--remove', '-z', '--stdin'],
        files.map((file) => `${file}\0`).join(''),
      );
      const whole = (await this.#git(['write-tree', ...(inside === '.' ? [] : [`--prefix=${inside}/`])])).trim();
      const tree = (await this.#git(['mktree'], `040000 tree ${whole}\t${this.#agent}\n`)).trim();
      const last = this.#last;
      if (last?.tree === tree) return last;
      const changed = last ? await this.#changedBetween(last.tree, tree) : [];
      const message = last ? `Working tree: ${changed.join(', ') || 'changed'}` : 'Working tree';
      const commit = (
        await this.#git(['commit-tree', tree, '-m', message, ...(last ? ['-p', last.commit] : [])])
      ).trim();
      this.#last = { commit, tree, changed };
      return this.#last;
    } catch (error) {
      if (!(error instanceof LocalGitError)) throw error;
      const said = error.stderr.trim().split('\n').at(-1) ?? '';
      throw new PloinkyError('FILE_UNREADABLE', `The files of ${this.folder} could not be read: ${said}`, {
        hint: 'Save once more; Git must be able to read every file that it does not ignore.',
        cause: error,
      });
    }
  }

  /** A pack with a commit, without what `since` has, which came before it. */
  pack({ commit }: Snapshot, since: Snapshot | null): Promise<Buffer> {
    const revs = `${commit}\n${since ? `^${since.commit}\n` : ''}`;
    return this.#raw(['pack-objects', '--revs', '--thin', '--stdout', '--quiet', '--delta-base-offset'], revs);
  }

  /** Folders below, this one included, in which a file that Git does not ignore may change. */
  async folders(): Promise<string[]> {
    const ignored = new Set(await this.#ignored());
    const found: string[] = [];
    const walk = async (folder: string) => {
      found.push(folder);
      for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
        const path = join(folder, entry.name);
        if (entry.isDirectory() && entry.name !== '.git' && !ignored.has(path)) await walk(path);
      }
    };
    await walk(this.folder);
    return found;
  }

  async close(): Promise<void> {
    await rm(dirname(this.#gitDir), { recursive: true, force: true });
  }

  /** What Git does not ignore, and what it ignores and has all the same. Names are relative to the top. */
  async #files(): Promise<string[]> {
    const others = await this.#list(['--others', '--exclude-standard']);
    const tracked = await this.#tracked();
    const there = await Promise.all(tracked.map((file) => isFile(join(this.#top, file))));
    // A repository within is listed as a folder; it is somebody else's.
    const own = others.filter((file) => !file.endsWith('/'));
    return [...new Set([...own, ...tracked.filter((_, index) => there[index])])].sort();
  }

  /** Of the user's index, where there is one. */
  async #tracked(): Promise<string[]> {
    const gitDir = join(this.#top, '.git');
    if (!(await exists(gitDir))) return [];
    const args = ['ls-files', '-z', '--cached', '--', this.#inside()];
    const env = { GIT_WORK_TREE: this.#top };
    const output = await runLocalGit(this.#home, { gitDir, args, env, cwd: this.#top }).catch(() => Buffer.alloc(0));
    return names(output);
  }

  async #ignored(): Promise<string[]> {
    const found = await this.#list(['--others', '--ignored', '--exclude-standard', '--directory']);
    return found.filter((name) => name.endsWith('/')).map((name) => resolve(this.#top, name));
  }

  /** Against an empty index, so that every file is another one. */
  async #list(how: readonly string[]): Promise<string[]> {
    await this.#git(['read-tree', '--empty']);
    return names(await this.#raw(['ls-files', '-z', ...how, '--', this.#inside()]));
  }

  async #changedBetween(before: string, after: string): Promise<string[]> {
    const output = await this.#raw(['diff-tree', '-r', '-z', '--name-only', before, after]);
    const all = names(output).map((name) => name.slice(this.#agent.length + 1));
    return all.length > filesTold ? [...all.slice(0, filesTold), '…'] : all;
  }

  #inside(): string {
    return relative(this.#top, this.folder).split(sep).join('/') || '.';
  }

  async #git(args: readonly string[], input?: string): Promise<string> {
    return (await this.#raw(args, input)).toString('utf8');
  }

  #raw(args: readonly string[], input?: string): Promise<Buffer> {
    const env = { GIT_WORK_TREE: this.#top, GIT_INDEX_FILE: join(this.#gitDir, 'index') };
    const command = { gitDir: this.#gitDir, args, env, cwd: this.#top, config: this.#config };
    return runLocalGit(this.#home, { ...command, ...(input === undefined ? {} : { input }) });
  }
}

/** The nearest folder around it that is a working tree of Git. */
async function topOf(folder: string): Promise<string | null> {
  for (let at = folder; ; at = dirname(at)) {
    if (await exists(join(at, '.git'))) return at;
    if (dirname(at) === at) return null;
  }
}

function names(output: Buffer): string[] {
  return output
    .toString('utf8')
    .split('\0')
    .filter((name) => name !== '');
}

/** Also a symbolic link; not the folder of a submodule. */
function isFile(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => !found.isDirectory(),
    () => false,
  );
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
