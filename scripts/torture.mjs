// `npm run torture`: the durability tests in their long form, one after another, with figures. Words choose among them
// (`npm run torture -- kill`), PLOINKY_SEED repeats a run, and each has a variable for its count (docs/durability.md).
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './dependencies.mjs';
import { run } from './process/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

async function main() {
  const code =
    (await ensureDependencies(root)) || (await run(process.execPath, ['scripts/build.mjs', '--all'], { cwd: root }));
  if (code !== 0) return code;
  const { torture } = await import(join(root, 'dist/test/durability/torture.js'));
  return torture(process.argv.slice(2));
}

process.exitCode = await main();
