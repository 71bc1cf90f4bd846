// `npm run layers`: the import rules of .dependency-cruiser.cjs, on the compiled files.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { forbidden, options } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs'));
const folders = ['core', 'projections', 'decisions', 'history', 'adapters', 'agent-core', 'client', 'cli', 'simulator'];

const { output } = await cruise(
  folders.map((folder) => `dist/${folder}`),
  { ...options, baseDir: root, ruleSet: { forbidden }, validate: true },
);
const { modules, summary } = output;
const own = modules.filter((module) => module.source.startsWith('dist/'));

const problems = summary.violations.map(({ rule, from, to }) => {
  const { comment } = forbidden.find(({ name }) => name === rule.name);
  return `${from} → ${to}\n    ${rule.name}: ${comment}`;
});
// A cruise that sees nothing would call everything well.
for (const folder of folders) {
  if (!own.some((module) => module.source.startsWith(`dist/${folder}/`))) {
    problems.push(`dist/${folder} holds no module: run \`npm run build\` first`);
  }
}

for (const problem of problems) process.stdout.write(`✗ ${problem}\n`);
process.stdout.write(`${own.length} modules, ${problems.length} problems\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
