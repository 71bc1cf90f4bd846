import { addGround } from '../../adapters/engine/host-files/ground.ts';
import { type HostEntry, HostTree } from '../../adapters/engine/host-files/host-tree.ts';
import { addNode } from '../../adapters/engine/host-files/node.ts';
import { addShell } from '../../adapters/engine/host-files/shell.ts';

/** Node, its libraries and a shell, taken from this machine. */
export async function nodeEntries(): Promise<readonly HostEntry[]> {
  const { signal } = new AbortController();
  const tree = new HostTree();
  await addGround(tree);
  await addShell(tree, signal);
  await addNode(tree, signal);
  return tree.entries();
}
