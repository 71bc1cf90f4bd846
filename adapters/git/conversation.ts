import { spawn } from 'node:child_process';

export interface ConversationRequest {
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  readonly input: string;
  /** Any of them ends it. */
  readonly signals: readonly AbortSignal[];
}

export interface ConversationOutcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** More than any honest list of refs; ends a remote that never stops talking. */
const longestOutput = 64 * 1024 * 1024;
const longestComplaint = 64 * 1024;
/** From SIGTERM, on which git removes its temporary files, to SIGKILL. */
const graceMs = 500;

/**
 * One `git` that talks to a remote, in a process group of its own: git starts `git-remote-https`, `ssh` and others,
 * and killing git alone leaves them behind. simple-git, which does the rest of our Git work, cannot start a group.
 * Settles when every member of the group is gone. When a signal aborts the whole group is killed; the caller
 * looks at the signals to tell that from a failure.
 * @throws the error of spawn when git cannot be started
 */
export function converse({ args, env, input, signals }: ConversationRequest): Promise<ConversationOutcome> {
  return new Promise((resolve, reject) => {
    if (signals.some((signal) => signal.aborted)) return resolve({ exitCode: null, stdout: '', stderr: '' });
    const child = spawn('git', args, { env, detached: true, stdio: 'pipe' });
    const stdout: Buffer[] = [];
    let received = 0;
    let stderr = '';
    let stopping = false;
    let timer: NodeJS.Timeout | undefined;

    const stop = () => {
      if (stopping) return;
      stopping = true;
      killGroup(child.pid, 'SIGTERM');
      timer = setTimeout(() => killGroup(child.pid, 'SIGKILL'), graceMs);
    };
    for (const signal of signals) signal.addEventListener('abort', stop, { once: true });
    const unlisten = () => {
      for (const signal of signals) signal.removeEventListener('abort', stop);
    };

    child.stdout.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received <= longestOutput) stdout.push(chunk);
      else stop();
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      // The reason stands at the end; progress and warnings before it may go.
      stderr = (stderr + chunk).slice(-longestComplaint);
    });
    // git may end without having read its input.
    child.stdin.on('error', () => {});
    child.stdin.end(input);

    child.once('error', (error) => {
      unlisten();
      reject(error);
    });
    child.once('exit', () => {
      clearTimeout(timer);
      if (stopping) killGroup(child.pid, 'SIGKILL');
      // Something that git started for good, such as a credential cache, may hold the pipes open.
      timer = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, graceMs);
    });
    child.once('close', (exitCode) => {
      clearTimeout(timer);
      unlisten();
      const complete = received <= longestOutput;
      resolve({
        exitCode: complete ? exitCode : null,
        stdout: complete ? Buffer.concat(stdout).toString('utf8') : '',
        stderr: complete ? stderr : 'fatal: bad line length: the answer has no end',
      });
    });
  });
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: all gone already. EPERM: macOS says so of a group of zombies.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
