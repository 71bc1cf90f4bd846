// Compiles the product into dist/ and puts what is not TypeScript beside it; with --all also tests and benchmarks.
// `prepare` runs this wherever the package is installed from its source, so it uses nothing but Node until it knows that
// the compiler is there.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyAssets, dropOrphans } from './build/assets.mjs';
import { writeClientScript } from './build/client-script.mjs';
import { withBuildLock } from './build/lock.mjs';
import { run } from './process/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const compiler = join(root, 'node_modules/typescript/bin/tsc');

const workshop = ['test', 'bench', 'simulator'];

/** Folders to compile, from the one list there is. */
function folders() {
  const { references } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  const all = references.map((reference) => reference.path);
  return process.argv.includes('--all') ? all : all.filter((folder) => !workshop.includes(folder));
}

async function build() {
  if (!existsSync(join(root, 'tsconfig.json')) || !existsSync(compiler)) {
    if (existsSync(join(root, 'dist/cli'))) return 0;
    process.stderr.write('build: nothing is built and the compiler is missing. Run `npm ci` with devDependencies.\n');
    return 1;
  }
  return withBuildLock(join(root, 'dist'), async () => {
    const code = await run(process.execPath, [compiler, '-b', ...folders()], { cwd: root });
    for (const folder of folders()) {
      dropOrphans(join(root, folder), join(root, 'dist', folder));
      if (!workshop.includes(folder)) copyAssets(join(root, folder), join(root, 'dist', folder));
    }
    await writeClientScript(join(root, 'dist/client'));
    return code;
  });
}

process.exitCode = await build();
