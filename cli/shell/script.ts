import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Surroundings } from '../surroundings.ts';
import { isFarewell, runLine } from './run-line.ts';

/**
 * Each line of a pipe is a command, up to `exit` or `quit`. All are run, one after the other; the exit code is that of
 * the first that failed. Ctrl-C ends the rest.
 */
export async function runScript(
  input: Readable,
  surroundings: Omit<Surroundings, 'stdin'>,
  flags: readonly string[] = [],
): Promise<number> {
  let exit = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (isFarewell(line)) break;
    const code = await runLine(line, surroundings, flags);
    if (exit === 0) exit = code;
    if (surroundings.signal.aborted) break;
  }
  return exit;
}
