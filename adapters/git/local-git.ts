import { GitError, type SimpleGitOptions, simpleGit } from 'simple-git';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { localEnvironment } from './git-environment.ts';
import { watchingStart } from './git-start.ts';

export interface LocalCommand {
  readonly args: readonly string[];
  /** Of the repository (bare, or its .git). Always explicit: Git would else look for one in the folders above. */
  readonly gitDir: string;
  readonly input?: string | Buffer;
  /** Further variables out of `allowed`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly config?: readonly string[];
  readonly signal?: AbortSignal;
}

/** A Git command on this machine that did not end with 0. */
export class LocalGitError extends GitError {
  readonly exitCode: number;
  readonly stderr: string;

  constructor(exitCode: number, stderr: string) {
    super(undefined, stderr);
    this.name = 'LocalGitError';
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** @returns nothing where it ended by itself */
export function endedBySignal(exitCode: number | null | undefined): string {
  return exitCode == null ? 'Git was ended by a signal.' : '';
}

/** Only a folder that is gone is the repository's fault; for a machine without room it is nobody's. */
export function notStarted(error: NodeJS.ErrnoException): Error {
  const message = `Git could not be started: ${error.code ?? error.message}.`;
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return new LocalGitError(-1, message);
  return new PloinkyError('GIT_FAILED', message, { cause: error });
}

const allowed = [
  'GIT_CONFIG_NOSYSTEM',
  'GIT_TERMINAL_PROMPT',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_ALLOW_PROTOCOL',
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
];

/**
 * Runs Git on what lies on this machine, through simple-git with its guards against dangerous options in place.
 * Answers with standard output as bytes. `home` comes from makeGitHome.
 * @throws LocalGitError; PloinkyError GIT_FAILED where no process can be started
 */
export async function runLocalGit(home: string, command: LocalCommand): Promise<Buffer> {
  const { args, gitDir, input, env = {}, cwd = gitDir, config = [], signal } = command;
  const options: Partial<SimpleGitOptions> = {
    baseDir: cwd,
    allowEnvironment: allowed,
    config: [...config],
    // `exit` may come before the last bytes of the output.
    completion: { onClose: true, onExit: false },
    errors: (error, { exitCode, stdErr }) => {
      if (exitCode === 0) return error;
      // There is none where a signal ended it.
      return new LocalGitError(exitCode ?? -1, Buffer.concat(stdErr).toString('utf8') || endedBySignal(exitCode));
    },
  };
  if (input !== undefined) options.input = () => input;
  if (signal) options.abort = signal;
  const chunks: Buffer[] = [];
  await watchingStart(async () => {
    await simpleGit(options)
      .env({ ...localEnvironment(home), GIT_DIR: gitDir, ...env })
      .outputHandler((_command, stdout) => {
        stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      })
      .raw([...args]);
  }, notStarted);
  return Buffer.concat(chunks);
}
