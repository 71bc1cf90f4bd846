import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { folderState } from '../../../../adapters/pipeline/install/folder-state.ts';
import { InstallCache } from '../../../../adapters/pipeline/install/install-cache.ts';
import type { InstallKey } from '../../../../adapters/pipeline/install/install-key.ts';
import { NotKept, Unusable, type Withheld } from '../../../../adapters/pipeline/install/install-refusals.ts';

let root: string;
let cache: InstallCache;
const { signal } = new AbortController();
const key: InstallKey = { key: 'a'.repeat(64), scope: 'tree', paths: new Set(['package.json']) };
const locks: InstallKey = { ...key, scope: 'locks' };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ploinky-install-'));
  cache = new InstallCache(join(root, 'cache'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function checkout(name: string, more: Readonly<Record<string, string>> = {}): string {
  const folder = join(root, name);
  const files = { 'package.json': '{}', 'index.js': 'first', 'old/gone.txt': 'x', ...more };
  for (const [path, text] of Object.entries(files)) write(folder, path, text);
  symlinkSync('index.js', join(folder, 'link.js'));
  return folder;
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const about = {
  release: 'localhost/a#1',
  madeAt: '2026-01-01T00:00:00.000Z',
  leaveOut: new Set(['.ploinky/queue']),
  withheld: [],
};

async function stored(made: (folder: string) => void, which = key, more: { withheld?: readonly Withheld[] } = {}) {
  const folder = checkout('one');
  const before = await folderState(folder, about.leaveOut);
  made(folder);
  return cache.store(which, folder, before, { ...about, ...more }, signal);
}

async function restored(which = key, more: Readonly<Record<string, string>> = {}) {
  const folder = checkout('two', more);
  await cache.restore(which, folder, await folderState(folder), signal);
  return folder;
}

/** What a step may leave of every kind. */
function everything(folder: string): void {
  write(folder, 'node_modules/tiny/index.js', 'module.exports = 1;');
  write(folder, 'node_modules/.bin/run', '#!/bin/sh\n');
  chmodSync(join(folder, 'node_modules/.bin/run'), 0o755);
  symlinkSync('../tiny/index.js', join(folder, 'node_modules/.bin/tiny'));
  symlinkSync('/usr/bin/env', join(folder, 'absolute'));
  mkdirSync(join(folder, 'empty/inner'), { recursive: true, mode: 0o700 });
  write(folder, 'index.js', 'other');
  rmSync(join(folder, 'old'), { recursive: true });
  rmSync(join(folder, 'link.js'));
  write(folder, 'link.js', 'a file now');
  write(folder, 'read-only.txt', 'r');
  chmodSync(join(folder, 'read-only.txt'), 0o444);
  write(folder, '.ploinky/queue/tasks/one', 'not of the step');
}

describe('an install cache', () => {
  test('puts back exactly what a step added, changed and took away', async () => {
    const entry = await stored(everything);
    expect(entry).toMatchObject({ release: 'localhost/a#1', files: 5 });
    const folder = await restored();
    const mode = (path: string) => lstatSync(join(folder, path)).mode & 0o777;
    expect(readFileSync(join(folder, 'node_modules/tiny/index.js'), 'utf8')).toBe('module.exports = 1;');
    expect([mode('node_modules/.bin/run'), mode('read-only.txt'), mode('empty/inner')]).toEqual([0o755, 0o444, 0o700]);
    expect(readlinkSync(join(folder, 'node_modules/.bin/tiny'))).toBe('../tiny/index.js');
    expect(readlinkSync(join(folder, 'absolute'))).toBe('/usr/bin/env');
    expect(readFileSync(join(folder, 'index.js'), 'utf8')).toBe('other');
    expect(existsSync(join(folder, 'old'))).toBe(false);
    expect(lstatSync(join(folder, 'link.js')).isSymbolicLink()).toBe(false);
    expect(existsSync(join(folder, '.ploinky/queue'))).toBe(false);
    const times = ['one', 'two'].map((name) => lstatSync(join(root, name, 'node_modules/tiny/index.js')).mtimeMs);
    expect(Math.abs((times[0] ?? 0) - (times[1] ?? 0))).toBeLessThan(2);
  });

  test('shares no file: what a release writes later stays its own', async () => {
    await stored(everything);
    const folder = await restored();
    writeFileSync(join(folder, 'node_modules/tiny/index.js'), 'changed');
    const again = join(root, 'three');
    mkdirSync(again);
    await cache.restore(key, again, await folderState(again), signal);
    expect(readFileSync(join(again, 'node_modules/tiny/index.js'), 'utf8')).toBe('module.exports = 1;');
  });

  test.each([
    [
      'a file that is shorter',
      (entry: string) => writeFileSync(join(entry, 'files/node_modules/tiny/index.js'), 'mod'),
    ],
    [
      'a file with other bytes',
      (entry: string) => writeFileSync(join(entry, 'files/node_modules/tiny/index.js'), 'module.exports = 2;'),
    ],
    ['a file that is gone', (entry: string) => rmSync(join(entry, 'files/index.js'))],
    ['no list of its files', (entry: string) => rmSync(join(entry, 'manifest.json'))],
    ['half a list of its files', (entry: string) => writeFileSync(join(entry, 'manifest.json'), '{"format":1,')],
  ])('with %s is never taken for whole', async (_what, damage) => {
    await stored(everything);
    damage(join(cache.folder, key.key));
    await expect(restored()).rejects.toBeInstanceOf(Unusable);
  });

  test('what was cut off while it was stored is no entry, and goes', async () => {
    const entry = await stored(everything);
    const half = join(cache.folder, `${'b'.repeat(64)}.tmp-12345678`);
    mkdirSync(half);
    mkdirSync(join(cache.folder, `${'c'.repeat(64)}.gone-12345678`));
    expect(await cache.find('b'.repeat(64))).toBeUndefined();
    expect(await cache.list()).toEqual([entry]);
    await cache.tidy();
    expect(readdirSync(cache.folder)).toEqual([key.key]);
    await cache.remove(key.key);
    await cache.remove(key.key);
    expect(readdirSync(cache.folder)).toEqual([]);
  });

  test('what no copy can hold is not kept, and nothing is left of it', async () => {
    await expect(stored((folder) => execFileSync('mkfifo', [join(folder, 'pipe')]))).rejects.toBeInstanceOf(NotKept);
    expect(existsSync(cache.folder) ? readdirSync(cache.folder) : []).toEqual([]);
  });

  test('what names the folder that it was made in is not kept for another one', async () => {
    const withheld = [{ text: join(root, 'one'), what: 'its place' }];
    const bound = (folder: string) => write(folder, 'venv/bin/run', `#!${folder}/venv/bin/python\n`);
    await expect(stored(bound, key, { withheld })).rejects.toThrow('venv/bin/run holds its place');
    rmSync(join(root, 'one'), { recursive: true });
    const linked = (folder: string) => symlinkSync(join(folder, 'index.js'), join(folder, 'here'));
    await expect(stored(linked, key, { withheld })).rejects.toThrow('here holds its place');
  });

  test('where only lock files count, no source of the commit is ever covered', async () => {
    await expect(stored((folder) => write(folder, 'index.js', 'built'), locks)).rejects.toThrow('index.js');
    rmSync(join(root, 'one'), { recursive: true });
    await stored((folder) => write(folder, 'node_modules/tiny/index.js', '1'), locks);
    await expect(restored(locks, { 'node_modules/tiny/index.js': 'committed' })).rejects.toThrow('file of this commit');
    rmSync(join(root, 'two'), { recursive: true });
    await expect(restored(locks, { node_modules: 'a file' })).rejects.toThrow('no folder in this commit');
    rmSync(join(root, 'two'), { recursive: true });
    expect(readFileSync(join(await restored(locks, { 'index.js': 'second' }), 'index.js'), 'utf8')).toBe('second');
  });
});
