// `npm run bench`: every figure, or those that are named: `npm run bench -- append calls --quick --json`.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './process/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const all = ['append', 'transports', 'calls', 'start', 'history', 'retention', 'versus', 'profile'];
/** Only when named: one compares with a baseline, the other needs Docker. */
const onlyNamed = ['quick', 'deploy'];
/** They get a Docker of their own, as the live tests do. */
const withDocker = ['deploy'];
const node = (...args) => run(process.execPath, args, { cwd: root });

async function main(words) {
  const options = words.filter((word) => word.startsWith('-'));
  const named = words.filter((word) => !word.startsWith('-'));
  const unknown = named.filter((name) => ![...all, ...onlyNamed].includes(name));
  if (unknown.length > 0) {
    process.stderr.write(
      `bench: there is no ${unknown.join(', ')}; choose from ${[...all, ...onlyNamed].join(', ')}.\n`,
    );
    return 1;
  }
  const built = await node('scripts/build.mjs', '--all');
  if (built !== 0) return built;
  for (const name of named.length > 0 ? named : all) {
    const around = withDocker.includes(name) ? ['dist/test/engines/with-docker.js'] : [];
    const code = await node(...around, `dist/bench/${name}.js`, ...options);
    if (code !== 0) return code;
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
