/** In place of `node:child_process`: in a simulated world there are no programs. */
import { systemError } from '../disk/disk.ts';
import { surroundings } from '../ground/current.ts';

export function execFile(file: string, ...rest: unknown[]): void {
  const told = rest.at(-1) as (error: Error) => void;
  const { ground } = surroundings();
  ground.ask(1, () => undefined).then(() => told(systemError('ENOENT', 'spawn', file)), told);
}

export function spawn(file: string): never {
  throw systemError('ENOENT', 'spawn', file);
}

export const exec = execFile;
