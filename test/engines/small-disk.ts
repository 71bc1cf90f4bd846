import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { findProgram } from './engine-home.ts';

const run = promisify(execFile);

/**
 * A file system of its own for that folder, in memory and of that size, so that it can be filled. Whoever keeps the daemon
 * takes it away with the daemon's home.
 */
export async function mountSmallDisk(folder: string, megabytes: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await run(findProgram('mount') ?? 'mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
}
