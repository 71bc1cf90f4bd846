// Compiles every folder into dist/ and puts what is not TypeScript beside it. `prepare` runs this wherever the package
// is installed from its source, so it uses nothing but Node until it knows that the compiler is there.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyAssets, dropOrphans } from './build/assets.mjs';
import { withBuildLock } from './build/lock.mjs';
import { run } from './process/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const compiler = join(root, 'node_modules/typescript/bin/tsc');

/** Folders that the compiler knows of, from the one list there is. */
function sourceFolders() {
  const { references } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  return references.map((reference) => reference.path);
}

async function build() {
  if (!existsSync(join(root, 'tsconfig.json')) || !existsSync(compiler)) {
    if (existsSync(join(root, 'dist/cli'))) return 0;
    process.stderr.write('build: nothing is built and the compiler is missing. Run `npm ci` with devDependencies.\n');
    return 1;
  }
  return withBuildLock(join(root, 'dist'), async () => {
    const code = await run(process.execPath, [compiler, '-b', ...process.argv.slice(2)], { cwd: root });
    for (const folder of sourceFolders()) {
      dropOrphans(join(root, folder), join(root, 'dist', folder));
      copyAssets(join(root, folder), join(root, 'dist', folder));
    }
    return code;
  });
}

process.exitCode = await build();
