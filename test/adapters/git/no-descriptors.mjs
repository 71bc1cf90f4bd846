// Reads an object when this process may open nothing more, and prints what came of it. node no-descriptors.mjs <git folder>
import { openSync, writeSync } from 'node:fs';
import { sourceModule } from './source-module.mjs';

const [gitDir] = process.argv.slice(2);
const { readingObjects } = await sourceModule('adapters/git/object-reader.ts');
const env = { PATH: process.env.PATH };
try {
  for (;;) openSync('/dev/null', 'r');
} catch {
  // None is left.
}
const outcome = await readingObjects({ gitDir, env }, undefined, (objects) => objects.read('HEAD')).catch((e) => e);
writeSync(1, JSON.stringify({ code: outcome.code, message: outcome.message }));
process.exit(0);
