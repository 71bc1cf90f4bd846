import { request } from 'node:http';
import { archiveOf } from '../../adapters/engine/host-files/archive.ts';
import { addGround } from '../../adapters/engine/host-files/ground.ts';
import { type HostEntry, HostTree } from '../../adapters/engine/host-files/host-tree.ts';
import { addNode } from '../../adapters/engine/host-files/node.ts';
import { addShell } from '../../adapters/engine/host-files/shell.ts';

/** Node, its libraries and a shell, taken from this machine. */
export const nodeImage = 'localhost/ploinky-test-node:1';
/** A shell and nothing else. */
export const shellImage = 'localhost/ploinky-test-shell:1';

/** Imports both images into each of the engines, which are named by their sockets. */
export async function importBaseImages(socketPaths: readonly string[]): Promise<void> {
  const { signal } = new AbortController();
  const tree = new HostTree();
  await addGround(tree);
  await addShell(tree, signal);
  const shell = tree.entries();
  await addNode(tree, signal);
  const node = tree.entries();
  await Promise.all(
    socketPaths.map(async (socketPath) => {
      await importImage(socketPath, shellImage, shell);
      await importImage(socketPath, nodeImage, node);
    }),
  );
}

/** Both engines take a tar archive of a root file system; Podman ignores `tag`, so the name carries it. */
export function importImage(socketPath: string, image: string, entries: readonly HostEntry[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        socketPath,
        agent: false,
        method: 'POST',
        path: `/images/create?fromSrc=-&repo=${encodeURIComponent(image)}`,
        headers: { 'content-type': 'application/x-tar' },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          if (response.statusCode === 200 && !text.includes('"error"')) resolve();
          else reject(new Error(`the engine does not import ${image}: ${response.statusCode} ${text}`));
        });
      },
    );
    call.on('error', reject);
    archiveOf(entries).on('error', reject).pipe(call);
  });
}
