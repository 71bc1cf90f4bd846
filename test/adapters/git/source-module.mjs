// For programs that tests start beside themselves: a module of the source tree, as the tests have it.
import { fileURLToPath } from 'node:url';
import { createViteServer } from 'vitest/node';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** @param {string} path below the root, for example `adapters/git/create-git.ts` */
export async function sourceModule(path) {
  const vite = await createViteServer({
    configFile: false,
    root,
    logLevel: 'error',
    server: { middlewareMode: true, hmr: false, watch: null, ws: false },
    optimizeDeps: { noDiscovery: true },
  });
  return vite.ssrLoadModule(`${root}${path}`);
}
