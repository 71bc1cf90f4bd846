import { type ChildProcess, spawn } from 'node:child_process';
import { endedBySignal, LocalGitError, notStarted } from './local-git.ts';
import { type GitObject, ObjectAnswers } from './object-answers.ts';

/** Answers questions about the objects of one repository. */
export interface ObjectReader {
  /**
   * @param name a hash, or `<commit>:<path>`; holds no line break
   * @param limit bytes, 32 MiB unless told; of something larger the content is null, and nothing more can be asked
   * @returns null where there is no such object
   * @throws LocalGitError; PloinkyError GIT_FAILED where no process can be started
   */
  read(name: string, limit?: number): Promise<GitObject | null>;
}

interface Question {
  readonly limit: number;
  readonly resolve: (object: GitObject | null) => void;
  readonly reject: (error: Error) => void;
}

const longestComplaint = 64 * 1024;
/** Far more than a folder or a message of a commit takes; a few kilobytes of a packed repository can be gigabytes here. */
const usualLimit = 32 * 1024 * 1024;

/**
 * Runs a step with one `git cat-file --batch` for all of its questions: a process for each would take longer to start than
 * to answer. simple-git, which does the rest of our local Git work, has no way to ask a second question. The process ends
 * with the step.
 * @throws LocalGitError, and what the step throws
 */
export async function readingObjects<T>(
  where: { readonly gitDir: string; readonly env: Readonly<Record<string, string>> },
  signal: AbortSignal | undefined,
  step: (objects: ObjectReader) => Promise<T>,
): Promise<T> {
  const process = new BatchProcess(where, signal);
  try {
    return await step(process);
  } finally {
    await process.end();
  }
}

class BatchProcess implements ObjectReader {
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;
  readonly #answers = new ObjectAnswers();
  readonly #questions: Question[] = [];
  #complaint = '';
  #failure: Error | null = null;

  constructor({ gitDir, env }: Parameters<typeof readingObjects>[0], signal: AbortSignal | undefined) {
    const child = spawn('git', ['cat-file', '--batch'], {
      cwd: gitDir,
      env: { ...env, GIT_DIR: gitDir },
      stdio: 'pipe',
    });
    this.#child = child;
    const stop = () => child.kill('SIGKILL');
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    this.#closed = new Promise((resolve) => {
      child.on('error', (error: NodeJS.ErrnoException) => {
        signal?.removeEventListener('abort', stop);
        this.#fail(notStarted(error));
        resolve();
      });
      child.once('close', (code) => {
        signal?.removeEventListener('abort', stop);
        this.#fail(new LocalGitError(code ?? -1, this.#complaint || endedBySignal(code)));
        resolve();
      });
    });
    // There are none where the system gave no descriptor for them.
    child.stdout?.on('data', (bytes: Buffer) => {
      this.#answers.push(bytes);
      this.#answer();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-longestComplaint);
    });
    // It may end without having read every question; what it said is told by its end.
    child.stdin?.on('error', () => {});
  }

  read(name: string, limit = usualLimit): Promise<GitObject | null> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#questions.push({ limit, resolve, reject });
      this.#child.stdin?.write(`${name}\n`);
    });
  }

  /** At once: nobody waits for an answer any more. */
  async end(): Promise<void> {
    this.#child.stdin?.end();
    if (this.#questions.length > 0) this.#child.kill('SIGKILL');
    await this.#closed;
  }

  #answer(): void {
    for (let question = this.#questions[0]; question; question = this.#questions[0]) {
      const object = this.#answers.next(question.limit);
      if (object === undefined) return;
      this.#questions.shift();
      question.resolve(object);
      if (object !== null && object.content === null) {
        this.#child.kill('SIGKILL');
        return;
      }
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#questions.splice(0)) reject(this.#failure);
  }
}
