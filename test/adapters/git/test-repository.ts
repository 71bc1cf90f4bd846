import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A temporary folder and everything that a test must clean up, newest first. */
export class TestGround {
  readonly folder: string;
  readonly #cleanups: (() => unknown)[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.cleanup(() => rm(folder, { recursive: true, force: true }));
  }

  static async make(): Promise<TestGround> {
    return new TestGround(await mkdtemp(join(tmpdir(), 'ploinky-git-')));
  }

  cleanup(step: () => unknown): void {
    this.#cleanups.unshift(step);
  }

  async clear(): Promise<void> {
    for (const step of this.#cleanups.splice(0)) await step();
  }
}

/** Runs the real Git, untouched by the configuration of the machine. */
export function git(cwd: string, args: readonly string[], input?: string | Buffer): string {
  const env = {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'Test',
    GIT_AUTHOR_EMAIL: 'test@localhost',
    GIT_COMMITTER_NAME: 'Test',
    GIT_COMMITTER_EMAIL: 'test@localhost',
  };
  const given = input === undefined ? {} : { input };
  return execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: 'pipe', ...given }).trim();
}

export interface TestFile {
  readonly content?: string | Buffer;
  readonly executable?: boolean;
  readonly linkTo?: string;
}

/** A bare remote and a work tree that pushes to it. */
export class TestRepository {
  readonly bare: string;
  readonly work: string;

  private constructor(bare: string, work: string) {
    this.bare = bare;
    this.work = work;
  }

  static async make(ground: TestGround, name = 'remote', branch = 'main'): Promise<TestRepository> {
    const repository = new TestRepository(join(ground.folder, `${name}.git`), join(ground.folder, `${name}-work`));
    await mkdir(repository.work, { recursive: true });
    git(ground.folder, ['init', '-q', '--bare', `--initial-branch=${branch}`, repository.bare]);
    git(repository.work, ['init', '-q', `--initial-branch=${branch}`]);
    git(repository.work, ['remote', 'add', 'origin', repository.bare]);
    return repository;
  }

  /** Writes files, commits, pushes the branch and answers with the commit. */
  async commit(files: Record<string, string | TestFile>, message = 'Change'): Promise<string> {
    for (const [path, given] of Object.entries(files)) {
      const file = typeof given === 'string' ? { content: given } : given;
      const full = join(this.work, path);
      await mkdir(dirname(full), { recursive: true });
      await rm(full, { recursive: true, force: true });
      if (file.linkTo !== undefined) await symlink(file.linkTo, full);
      else {
        await writeFile(full, file.content ?? '');
        if (file.executable) await chmod(full, 0o755);
      }
    }
    git(this.work, ['add', '--all', '--force']);
    git(this.work, ['commit', '-q', '--allow-empty', '-m', message]);
    this.push();
    return this.head();
  }

  head(): string {
    return git(this.work, ['rev-parse', 'HEAD']);
  }

  branch(name: string, from = 'HEAD'): void {
    git(this.work, ['checkout', '-q', '-b', name, from]);
  }

  push(...more: string[]): void {
    git(this.work, ['push', '-q', '--force', 'origin', 'HEAD', ...more]);
  }
}

export function manifest(fields: Record<string, unknown> = {}): string {
  return JSON.stringify({ about: 'an agent', ...fields });
}
