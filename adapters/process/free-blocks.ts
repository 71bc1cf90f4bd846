import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const blockBytes = 4096;
const withinMs = 5_000;

/** Node has no call for it; the program is part of every Linux distribution (util-linux). */
const program = 'fallocate';
export const canFree = process.platform === 'linux';

/**
 * Gives the blocks of a file's beginning back to the disk; the length of the file and all offsets stay, and what was there reads
 * as zeros. False where that is not possible.
 */
export async function freeUpTo(file: string, offset: number): Promise<boolean> {
  const length = offset - (offset % blockBytes);
  if (!canFree || length <= 0) return false;
  try {
    await run(program, ['--punch-hole', '--offset', '0', '--length', String(length), file], { timeout: withinMs });
    return true;
  } catch {
    return false;
  }
}
