// Reads an object, and runs Git through simple-git, when this process may open nothing more; prints what came of both. node no-descriptors.mjs <git folder>
import { openSync, writeSync } from 'node:fs';
import { sourceModule } from './source-module.mjs';

const [gitDir] = process.argv.slice(2);
const { readingObjects } = await sourceModule('adapters/git/object-reader.ts');
const { runLocalGit } = await sourceModule('adapters/git/local-git.ts');
const env = { PATH: process.env.PATH };
try {
  for (;;) openSync('/dev/null', 'r');
} catch {
  // None is left.
}
const outcome = await readingObjects({ gitDir, env }, undefined, (objects) => objects.read('HEAD')).catch((e) => e);
const other = await runLocalGit(gitDir, { gitDir, args: ['rev-parse', 'HEAD'] }).catch((e) => e);
writeSync(1, JSON.stringify([outcome, other].map(({ code, message }) => ({ code, message }))));
process.exit(0);
