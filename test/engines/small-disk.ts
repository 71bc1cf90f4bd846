import { execFile } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
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

/** Leaves not a byte on the disk of that folder, and takes what becomes free. @returns gives all of it back */
export function fillDisk(folder: string): () => void {
  const place = path.join(folder, 'filling');
  const piece = Buffer.alloc(1 << 20, 1);
  const file = openSync(place, 'w');
  const fill = () => {
    try {
      for (;;) writeSync(file, piece);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  };
  fill();
  const timer = setInterval(fill, 1);
  return () => {
    clearInterval(timer);
    closeSync(file);
    rmSync(place);
  };
}
