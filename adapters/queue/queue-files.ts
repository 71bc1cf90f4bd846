import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { badAnswer } from '../agents/read-answer.ts';

/** Folders of a queue, see agent-core/queue/queue-layout.ts. */
export type QueueFolderName = 'tasks' | 'results' | 'errors' | 'locks' | 'urgent';

const names: readonly QueueFolderName[] = ['tasks', 'results', 'errors', 'locks', 'urgent'];
/** Ids of ours and names made of them. Nothing else becomes part of a path. */
const safeName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,240}$/;
/** Of one result. AgentCore itself refuses half of this. */
const answerLimit = 64 * 1024 * 1024;

/**
 * The files of one queue. Read and written synchronously: they are small and lie on the disk of the log, and a detour
 * over the thread pool costs several times as much as the calls themselves. Nothing is synced, because what counts is in
 * the log already: after a power failure the agent is another one, and the task ends as unknown either way.
 */
export class QueueFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  folder(name: QueueFolderName): string {
    return join(this.#root, name);
  }

  /** Makes what is missing below the root; throws when there is no root. */
  make(): void {
    for (const name of names) {
      const folder = this.folder(name);
      if (statSync(folder, { throwIfNoEntry: false }) === undefined) mkdirSync(folder);
    }
  }

  has(folder: QueueFolderName, name: string): boolean {
    return statSync(this.#path(folder, name), { throwIfNoEntry: false }) !== undefined;
  }

  /** Appears whole or not at all. It is written where nobody watches, which spares the agent three notices a file. */
  put(folder: QueueFolderName, name: string, text: string): void {
    const fresh = `${this.#path('locks', name)}.intermediate`;
    writeFileSync(fresh, text);
    renameSync(fresh, this.#path(folder, name));
  }

  /**
   * The text of a file; null when there is none.
   * @throws PloinkyError AGENT_BAD_ANSWER when it is too large
   */
  read(folder: QueueFolderName, name: string): string | null {
    const file = this.#path(folder, name);
    const size = statSync(file, { throwIfNoEntry: false })?.size;
    if (size === undefined) return null;
    if (size > answerLimit) throw badAnswer(`it is over ${answerLimit} bytes`);
    return readFileSync(file, 'utf8');
  }

  /** True when the file was there and this call removed it. */
  remove(folder: QueueFolderName, name: string): boolean {
    try {
      unlinkSync(this.#path(folder, name));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  /** Removes answers and cancels that nobody came for, and files that were never finished. */
  sweep(olderThanMs: number): void {
    const oldest = Date.now() - olderThanMs;
    for (const folder of ['results', 'errors', 'urgent', 'locks'] as const) {
      for (const name of readdirSync(this.folder(folder))) {
        // A lock belongs to the agent, however old; only what was never finished is swept from there.
        if (folder === 'locks' && !name.endsWith('.intermediate')) continue;
        const file = join(this.folder(folder), name);
        const stat = statSync(file, { throwIfNoEntry: false });
        if (stat?.isFile() && stat.mtimeMs < oldest) rmSync(file, { force: true });
      }
    }
  }

  #path(folder: QueueFolderName, name: string): string {
    if (!safeName.test(name)) throw new PloinkyError('INVALID_NAME', `${JSON.stringify(name)} is no id of a task.`);
    return join(this.#root, folder, name);
  }
}
