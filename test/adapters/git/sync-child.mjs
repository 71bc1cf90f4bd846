// A server's worth of Git in a process that a test may kill: syncs one repository. node sync-child.mjs <repos folder> <url>
import { fileURLToPath } from 'node:url';
import { createViteServer } from 'vitest/node';

const [reposFolder, url] = process.argv.slice(2);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const vite = await createViteServer({
  configFile: false,
  root,
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
});
const { createGit } = await vite.ssrLoadModule(`${root}adapters/git/create-git.ts`);
const git = createGit({ reposFolder, bundledFolder: reposFolder, allowLocal: () => false, timeoutMs: () => 2_000 });
await git.sync({ name: 'team', url, branch: null }, new AbortController().signal);
