import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder that did not exist before: a temporary one for a run that ends by itself, otherwise one beside the sources
 * (ignored by Git), where the commands that are shown can be typed.
 * @param {string} root
 * @param {boolean} temporary
 */
export function freshFolder(root, temporary) {
  if (temporary) return mkdtempSync(join(tmpdir(), 'ploinky-quickstart-'));
  for (let n = 1; ; n += 1) {
    const folder = join(root, n === 1 ? 'quickstart-cloud' : `quickstart-cloud-${n}`);
    try {
      mkdirSync(folder);
      return folder;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
}

/**
 * Removes a cloud whose server has ended, with the folder for sockets that it keeps elsewhere where its path is too long.
 * @param {string} root
 * @param {string} folder
 */
export async function removeCloud(root, folder) {
  const { dataPaths } = await import(join(root, 'dist/adapters/pipeline/paths.js'));
  for (const path of [dataPaths(folder, '').runRoot, folder]) rmSync(path, { recursive: true, force: true });
}
