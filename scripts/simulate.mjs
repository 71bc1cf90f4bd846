// `npm run simulate -- --seeds 200`: worlds in which everything goes wrong, each the same whenever its seed is the same
// (docs/simulator.md). Exit code 1 when something was violated.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureDependencies } from './dependencies.mjs';
import { run } from './process/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    from: { type: 'string' },
    jobs: { type: 'string' },
    trace: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    built: { type: 'boolean', default: false },
  },
});

async function main() {
  if (!values.built) {
    const built =
      (await ensureDependencies(root)) || (await run(process.execPath, ['scripts/build.mjs', '--all'], { cwd: root }));
    if (built !== 0) return built;
  }
  const { simulate } = await import(join(root, 'dist/simulator/simulate.js'));
  return simulate(values);
}

process.exitCode = await main();
