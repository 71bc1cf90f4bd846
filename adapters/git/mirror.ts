import { createHash } from 'node:crypto';
import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nanoid } from 'nanoid';
import { localEnvironment, makeGitHome } from './git-environment.ts';
import { type LocalCommand, runLocalGit } from './local-git.ts';
import { type ObjectReader, readingObjects } from './object-reader.ts';

/** The bare repository that holds what we know of one remote. */
export interface Mirror {
  readonly folder: string;
  /** Runs Git in it. @throws LocalGitError */
  run(args: readonly string[], more?: Omit<LocalCommand, 'args' | 'gitDir'>): Promise<Buffer>;
  /** Looks at objects in it, as many as a step asks for, with one Git. @throws LocalGitError */
  reading<T>(step: (objects: ObjectReader) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/**
 * The folder of mirrors, one per address. What is half-made carries another name until it is whole: `….tmp-…` is
 * thrown away by the next start, `….old` is put back when nothing took its place.
 */
export class MirrorFolder {
  readonly #folder: string;
  #ready: Promise<string> | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Our home for Git, after cleaning up what a killed server left. */
  home(): Promise<string> {
    this.#ready ??= prepare(this.#folder).catch((error) => {
      this.#ready = null;
      throw error;
    });
    return this.#ready;
  }

  /** `key` is the address of the remote; different spellings have different mirrors. */
  folderOf(key: string): string {
    return join(this.#folder, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.git`);
  }

  /** The mirror in a folder of that name below ours. */
  async at(name: string): Promise<Mirror> {
    return mirrorAt(await this.home(), join(this.#folder, name));
  }

  async exists(key: string): Promise<boolean> {
    await this.home();
    return exists(this.folderOf(key));
  }

  /** The mirror of an address, empty when it is new. */
  async open(key: string): Promise<Mirror> {
    const home = await this.home();
    const folder = this.folderOf(key);
    if (!(await exists(folder))) {
      const fresh = await this.makeEmpty(key);
      // Somebody else may have been faster; both are empty.
      await rename(fresh.folder, folder).catch(() => rm(fresh.folder, { recursive: true, force: true }));
    }
    return mirrorAt(home, folder);
  }

  /** An empty one under a temporary name, for `replace`. */
  async makeEmpty(key: string): Promise<Mirror> {
    const home = await this.home();
    const folder = `${this.folderOf(key)}.tmp-${nanoid(8)}`;
    await mkdir(folder, { recursive: true });
    const mirror = mirrorAt(home, folder);
    await mirror.run(['init', '--quiet', '--bare']);
    await writeFile(join(folder, 'description'), `Mirror of ${key}, kept by Ploinky.\n`);
    return mirror;
  }

  /** Puts `fresh` where the mirror of the address was. */
  async replace(key: string, fresh: Mirror): Promise<void> {
    const folder = this.folderOf(key);
    const old = `${folder}.old`;
    await rm(old, { recursive: true, force: true });
    await rename(folder, old);
    // Whoever opened it in between made an empty one.
    await rename(fresh.folder, folder).catch(async () => {
      await rm(folder, { recursive: true, force: true });
      await rename(fresh.folder, folder);
    });
    await rm(old, { recursive: true, force: true });
  }
}

function mirrorAt(home: string, folder: string): Mirror {
  return {
    folder,
    run: (args, more = {}) => runLocalGit(home, { ...more, args, gitDir: folder }),
    reading: (step, signal) => readingObjects({ gitDir: folder, env: localEnvironment(home) }, signal, step),
  };
}

async function prepare(folder: string): Promise<string> {
  const home = await makeGitHome(folder);
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (name.includes('.git.tmp-')) await rm(path, { recursive: true, force: true });
    else if (name.endsWith('.git.old')) await restore(path, path.slice(0, -'.old'.length));
  }
  for (const name of await readdir(folder)) if (name.endsWith('.git')) await tidy(join(folder, name));
  return home;
}

async function restore(old: string, folder: string): Promise<void> {
  if (await exists(folder)) await rm(old, { recursive: true, force: true });
  else await rename(old, folder);
}

/**
 * Takes away locks and temporary packs of a Git that was killed: this server is the only one that works here. Puts
 * back the few files without which Git does not see a repository at all.
 */
async function tidy(mirror: string): Promise<void> {
  for (const folder of ['.', 'objects/pack', 'refs', 'objects/info']) {
    const entries = await readdir(join(mirror, folder), { recursive: folder === 'refs' }).catch(() => []);
    for (const name of entries) {
      const isLeftOver =
        name.endsWith('.lock') || name === 'gc.pid' || (folder === 'objects/pack' && /^\.?tmp[_-]/.test(name));
      if (isLeftOver) await rm(join(mirror, folder, name), { force: true, recursive: true });
    }
  }
  await mkdir(join(mirror, 'objects'), { recursive: true });
  await mkdir(join(mirror, 'refs'), { recursive: true });
  if (!(await exists(join(mirror, 'HEAD')))) await writeFile(join(mirror, 'HEAD'), 'ref: refs/heads/main\n');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
