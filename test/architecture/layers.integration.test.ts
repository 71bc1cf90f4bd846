import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectRoot } from './project-files.ts';

const { forbidden, options } = createRequire(import.meta.url)(join(projectRoot, '.dependency-cruiser.cjs'));

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ploinky-layers-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Names of the rules that a tree of compiled files breaks. */
async function broken(files: Record<string, string>): Promise<string[]> {
  const everything = { 'package.json': '{"type":"module"}', ...files };
  for (const [path, text] of Object.entries(everything)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const { output } = await cruise(['dist'], { ...options, baseDir: root, ruleSet: { forbidden }, validate: true });
  return (output as ICruiseResult).summary.violations.map(({ rule }) => rule.name);
}

const empty = 'export {};';

describe('the rules for imports', () => {
  it('let each folder use what stands before it', async () => {
    const files = {
      'dist/core/a.js': "import 'node:fs';",
      'dist/projections/a.js': "import '../core/a.js';",
      'dist/decisions/a.js': "import '../projections/a.js';",
      'dist/history/a.js': "import '../decisions/a.js';",
      'dist/adapters/a.js': "import '../history/a.js';",
      'dist/cli/a.js': "import '../adapters/a.js';",
    };
    expect(await broken(files)).toEqual([]);
  });

  it.each([
    ['core', 'projections', 'core-stands-alone'],
    ['core', 'client', 'core-stands-alone'],
    ['projections', 'decisions', 'projections-only-fold'],
    ['decisions', 'adapters', 'decisions-do-not-act'],
    ['decisions', 'history', 'decisions-do-not-act'],
    ['history', 'adapters', 'history-only-asks'],
    ['adapters', 'cli', 'adapters-do-not-know-the-cli'],
    ['agent-core', 'core', 'agent-core-brings-nothing'],
    ['client', 'core', 'client-brings-nothing'],
  ])('refuse an import of %s from %s', async (from, to, rule) => {
    expect(await broken({ [`dist/${from}/a.js`]: `import '../${to}/b.js';`, [`dist/${to}/b.js`]: empty })).toEqual([
      rule,
    ]);
  });

  it.each(['projections', 'decisions'])('keep Node out of %s', async (folder) => {
    expect(await broken({ [`dist/${folder}/a.js`]: "import 'node:fs';" })).toEqual(['pure-folders-touch-nothing']);
  });

  it.each(['agent-core', 'client'])('keep packages out of %s', async (folder) => {
    const files = { [`dist/${folder}/a.js`]: "import 'left-pad';", 'node_modules/left-pad/index.js': empty };
    expect(await broken(files)).toContain(`${folder}-brings-nothing`);
  });

  it('refuse files that need each other', async () => {
    const files = { 'dist/core/a.js': "import './b.js';", 'dist/core/b.js': "import './a.js';" };
    expect(new Set(await broken(files))).toEqual(new Set(['no-cycles']));
  });
});
