import { addGround } from './ground.ts';
import { HostTree } from './host-tree.ts';
import { addNode, addNpm } from './node.ts';
import { addShell } from './shell.ts';

/** Files for an image in which agents run: this Node, a shell, npm where it is. @throws Error saying what is missing */
export async function collectHostFiles(signal: AbortSignal): Promise<HostTree> {
  const tree = new HostTree();
  await addGround(tree);
  await addShell(tree, signal);
  await addNode(tree, signal);
  await addNpm(tree);
  return tree;
}
