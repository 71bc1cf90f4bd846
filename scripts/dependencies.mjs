import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process/run.mjs';

/**
 * Whether node_modules holds what package-lock.json names. Versions are compared, not times: a checkout gives files
 * new times without changing them.
 * @param {string} root
 */
export function dependenciesInstalled(root) {
  const installedList = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installedList)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedList, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || installed[path]?.version === entry.version,
  );
}

/**
 * Installs exactly what the lock names, when it is not there yet. This also builds, through `prepare`.
 * @param {string} root
 * @returns {Promise<number>} exit code
 */
export async function ensureDependencies(root) {
  if (dependenciesInstalled(root)) return 0;
  return run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root });
}
