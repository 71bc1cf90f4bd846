import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** Paths of the files that belong to the project, relative to its root: what Git knows, apart from removed ones. */
export function projectFiles(pattern: RegExp): string[] {
  const list = (...options: string[]) =>
    execFileSync('git', ['ls-files', '-z', ...options], { cwd: projectRoot, encoding: 'utf8' }).split('\0');
  const removed = new Set(list('--deleted'));
  return list().filter((path) => path !== '' && pattern.test(path) && !removed.has(path));
}

export function readProjectFile(path: string): string {
  return readFileSync(`${projectRoot}/${path}`, 'utf8');
}
