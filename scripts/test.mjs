// `npm test`: everything that has to hold, in one command. Arguments go to the test runner, for example
// `npm test -- --project unit`. With PLOINKY_REQUIRE_LIVE=1 a skipped live or browser test is a failure.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './dependencies.mjs';
import { run } from './process/run.mjs';
import { seconds, stage, stages } from './process/stage.mjs';
import { closingLine, tally } from './testing/tally.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const start = performance.now();
const node = (...args) => run(process.execPath, args, { cwd: root });
const installed = (file) => join(root, 'node_modules', file);

/** Without these nothing else says anything. */
const foundations = [
  ['dependencies', () => ensureDependencies(root)],
  ['build and types', () => node('scripts/build.mjs', '--all')],
];

const quietly = (tell, ...args) => run(process.execPath, args, { cwd: root, tell });
/** They read, and do not need each other. */
const checks = [
  ['lint: oxlint', (tell) => quietly(tell, installed('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings')],
  [
    'lint and format: biome',
    (tell) => quietly(tell, installed('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'),
  ],
  ['layers', (tell) => quietly(tell, 'scripts/layers.mjs')],
];

async function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'ploinky-test-report-'));
  const report = join(folder, 'report.json');
  const skips = join(root, 'scripts/testing/skip-reporter.mjs');
  const reporters = [`--reporter=${skips}`, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  try {
    const code = await node(installed('vitest/vitest.mjs'), 'run', ...reporters, ...process.argv.slice(2));
    return { code, result: tally(readReport(report)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // the runner ended before it could write one, and its exit code says so
  }
}

async function main() {
  for (const [name, work] of foundations) if (!(await stage(name, work))) return 1;
  const failed = await stages(checks);
  // After `layers`, which reads what this one builds again.
  if (!(await stage('generated docs', () => node('scripts/docs.mjs', '--check')))) failed.push('generated docs');

  process.stdout.write('\n── unit, integration, live and browser tests\n');
  const { code, result } = await runTests();
  if (code !== 0) failed.push('tests');
  if (process.env.PLOINKY_REQUIRE_LIVE === '1' && result.skippedLive.length > 0) {
    failed.push('live tests were skipped');
    for (const test of result.skippedLive) process.stdout.write(`skipped: ${test.fullName} (${test.file})\n`);
  }
  if (failed.length > 0) process.stdout.write(`Failed: ${failed.join('; ')}\n`);
  process.stdout.write(`Took ${seconds(start)}\n${closingLine(result)}\n`);
  return failed.length > 0 ? 1 : 0;
}

process.exitCode = await main();
