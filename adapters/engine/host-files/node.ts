import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HostTree } from './host-tree.ts';
import { addProgram } from './programs.ts';

/** The Node that runs this. */
export function addNode(tree: HostTree, signal: AbortSignal): Promise<void> {
  return addProgram(tree, 'node', process.execPath, signal);
}

/** npm, where it came with that Node; an install step may need it, nothing of ours does. */
export async function addNpm(tree: HostTree): Promise<void> {
  const folder = join(dirname(dirname(process.execPath)), 'lib/node_modules/npm');
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  if (!found.some((entry) => entry.name === 'npm-cli.js')) return;
  for (const entry of found) if (entry.isFile()) await tree.file(join(entry.parentPath, entry.name));
  tree.link('/usr/bin/npm', join(folder, 'bin/npm-cli.js'));
  tree.link('/usr/bin/npx', join(folder, 'bin/npx-cli.js'));
}
