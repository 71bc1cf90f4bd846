// A server's worth of Git in a process that a test may kill: syncs one repository. node sync-child.mjs <repos folder> <url>
import { sourceModule } from './source-module.mjs';

const [reposFolder, url] = process.argv.slice(2);
const { createGit } = await sourceModule('adapters/git/create-git.ts');
const git = createGit({ reposFolder, bundledFolder: reposFolder, allowLocal: () => false, timeoutMs: () => 2_000 });
await git.sync({ name: 'team', url, branch: null }, new AbortController().signal);
