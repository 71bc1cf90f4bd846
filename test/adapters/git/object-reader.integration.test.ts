import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { manifest, TestGround, TestRepository } from './test-repository.ts';

let ground: TestGround;
beforeEach(async () => {
  ground = await TestGround.make();
});
afterEach(() => ground.clear());

it('a process without a free descriptor is told that Git could not be started, and goes on', async () => {
  const remote = await TestRepository.make(ground);
  await remote.commit({ 'demo/manifest.json': manifest() });
  const child = join(import.meta.dirname, 'no-descriptors.mjs');
  const limited = ['-c', 'ulimit -n 200; exec "$0" "$@"', process.execPath, child, remote.bare];
  const said = execFileSync('/bin/sh', limited, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const told = { code: 'GIT_FAILED', message: 'Git could not be started: EMFILE.' };
  expect(JSON.parse(said)).toEqual([told, told]);
});
