import type { Readable } from 'node:stream';
import type { Sink } from './terminal/output.ts';

/** Everything a command may see of the process it runs in, so that tests can give it another. */
export interface Surroundings {
  readonly cwd: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absent where stdin is the list of commands itself. */
  readonly stdin?: Readable & { readonly isTTY?: boolean };
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Monotonic milliseconds. */
  now(): number;
}

export function processSurroundings(home: string, signal: AbortSignal): Surroundings {
  return {
    cwd: process.cwd(),
    home,
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signal,
    now: () => performance.now(),
  };
}
