import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { placeFile, writeSynced } from '../../../core/files/place-file.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ploinky-files-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

const posix = process.platform !== 'win32';
const modeOf = (path: string) => statSync(path).mode & 0o777;

it('makes the folders, and leaves the file alone in its own', async () => {
  const path = join(root, 'a', 'b', 'file');
  await placeFile(path, 'content');
  expect(readFileSync(path, 'utf8')).toBe('content');
  expect(readdirSync(join(root, 'a', 'b'))).toEqual(['file']);
});

it.runIf(posix)('lets nobody but the owner read the file or enter the folders', async () => {
  const path = join(root, 'a', 'b', 'file');
  await placeFile(path, 'content');
  expect([path, join(root, 'a', 'b'), join(root, 'a')].map(modeOf)).toEqual([0o600, 0o700, 0o700]);
});

it('replaces what is there, text or bytes', async () => {
  const path = join(root, 'file');
  await placeFile(path, 'a longer text than what follows');
  await placeFile(path, Buffer.from([0, 255]));
  expect([...readFileSync(path)]).toEqual([0, 255]);
});

it('leaves nothing behind when it fails', async () => {
  mkdirSync(join(root, 'taken', 'inside'), { recursive: true });
  for (const options of [{}, { staged: join(root, 'taken.new') }]) {
    await expect(placeFile(join(root, 'taken'), 'content', options)).rejects.toThrow();
  }
  expect(readdirSync(root)).toEqual(['taken']);
});

it('writes over a staged file that a crash left behind', async () => {
  const path = join(root, 'file');
  writeFileSync(`${path}.new`, 'half of something that was lon');
  await placeFile(path, 'whole', { staged: `${path}.new` });
  expect(readFileSync(path, 'utf8')).toBe('whole');
  expect(readdirSync(root)).toEqual(['file']);
});

it.runIf(posix)('has the content durable before the name, and the name before the folders that were made', async () => {
  const path = join(root, 'a', 'b', 'file');
  const steps: [what: string, inPlace: boolean][] = [];
  const handle = await open(root, 'r');
  const kind = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  const sync = kind.sync;
  vi.spyOn(kind, 'sync').mockImplementation(async function (this: typeof handle) {
    const { ino } = await this.stat();
    const folder = [join(root, 'a', 'b'), join(root, 'a'), root].find((one) => statSync(one).ino === ino);
    steps.push([folder ?? 'the file', existsSync(path)]);
    return sync.call(this);
  });
  await placeFile(path, 'content');
  expect(steps).toEqual([
    ['the file', false],
    [join(root, 'a', 'b'), true],
    [join(root, 'a'), true],
    [root, true],
  ]);
});

it('writes only where there is nothing, when asked to', async () => {
  const path = join(root, 'file');
  await writeSynced(path, 'first', 'wx');
  await expect(writeSynced(path, 'second', 'wx')).rejects.toMatchObject({ code: 'EEXIST' });
  expect(readFileSync(path, 'utf8')).toBe('first');
});
