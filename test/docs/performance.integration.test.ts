import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../architecture/project-files.ts';

it('docs/performance.md and its picture are made of bench/figures.json', () => {
  const bench = join(projectRoot, 'dist/bench/versus.js');
  const { status, stderr } = spawnSync(process.execPath, [bench, '--check'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
