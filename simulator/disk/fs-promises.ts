/**
 * In place of `node:fs/promises`, in the modules of the server: the same on the simulated disk. What is not here cannot be
 * imported, so that nothing of the real disk gets into a simulation unnoticed.
 */

import { surroundings } from '../ground/current.ts';
import { type Entry, type File, partsOf, systemError } from './disk.ts';

type Content = string | Uint8Array;
type Encoding = string | { readonly encoding?: string | null } | null | undefined;

function ask<T>(work: () => T): Promise<T> {
  const { ground } = surroundings();
  return ground.ask(ground.random.between(0.02, 1.5), work);
}

function bytesOf(content: Content): Buffer {
  return typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
}

function textOr(bytes: Buffer, encoding: Encoding): string | Buffer {
  const name = typeof encoding === 'string' ? encoding : encoding?.encoding;
  return name ? bytes.toString(name as BufferEncoding) : bytes;
}

export function mkdir(path: string, options?: { recursive?: boolean; mode?: number }): Promise<string | undefined> {
  return ask(() => surroundings().disk.makeFolder(path, options?.recursive ?? false, options?.mode));
}

export function writeFile(
  path: string,
  content: Content,
  options?: { mode?: number; flag?: string } | string,
): Promise<void> {
  return ask(() => {
    const { disk, ground } = surroundings();
    const given = typeof options === 'object' ? options : {};
    const mode = given.mode === undefined ? {} : { mode: given.mode };
    disk.write(path, bytesOf(content), { ...mode, exclusive: given.flag === 'wx' });
    ground.boundary(`writing ${path}`);
  });
}

export function appendFile(path: string, content: Content): Promise<void> {
  return ask(() => {
    const { disk } = surroundings();
    const known = disk.find(path);
    const before = known?.kind === 'file' ? known.bytes : Buffer.alloc(0);
    disk.write(path, Buffer.concat([before, bytesOf(content)]));
  });
}

export function readFile(path: string, encoding?: Encoding): Promise<string | Buffer> {
  return ask(() => textOr(fileOf(path, 'open').bytes, encoding));
}

function fileOf(path: string, call: string): File {
  const entry = surroundings().disk.need(path, call);
  if (entry.kind !== 'file') throw systemError(entry.kind === 'folder' ? 'EISDIR' : 'ENXIO', call, path);
  return entry;
}

export function readdir(path: string, options?: { withFileTypes?: boolean }): Promise<unknown[]> {
  return ask(() => {
    const { entries } = surroundings().disk.folder(path, 'scandir');
    const names = [...entries.keys()].sort();
    if (!options?.withFileTypes) return names;
    return names.map((name) => ({ name, parentPath: path, path, ...kindOf(entries.get(name) as Entry) }));
  });
}

export function rm(path: string, options?: { recursive?: boolean; force?: boolean }): Promise<void> {
  return ask(() => {
    const { disk, ground } = surroundings();
    const entry = disk.find(path);
    if (!entry) {
      if (options?.force) return;
      throw systemError('ENOENT', 'rm', path);
    }
    if (entry.kind === 'folder' && !options?.recursive) throw systemError('EISDIR', 'rm', path);
    surroundings().witness.removesFiles(path);
    disk.remove(path);
    ground.boundary(`removing ${path}`);
  });
}

export function unlink(path: string): Promise<void> {
  return rm(path);
}

export function rmdir(path: string): Promise<void> {
  return ask(() => {
    const { disk } = surroundings();
    if (disk.folder(path, 'rmdir').entries.size > 0) throw systemError('ENOTEMPTY', 'rmdir', path);
    disk.remove(path);
  });
}

export function rename(from: string, to: string): Promise<void> {
  return ask(() => surroundings().disk.rename(from, to));
}

export function link(from: string, to: string): Promise<void> {
  return ask(() => {
    const { disk } = surroundings();
    const entry = disk.need(from, 'link');
    const { folder, name } = disk.place(to, 'link');
    if (folder.entries.has(name)) throw systemError('EEXIST', 'link', to);
    // A second name of the file that stands for a database is no second database.
    if (entry.kind === 'file' && !entry.database) folder.entries.set(name, entry);
  });
}

export function stat(path: string) {
  return ask(() => statOf(surroundings().disk.need(path, 'stat')));
}

export function lstat(path: string) {
  return stat(path);
}

export function access(path: string): Promise<void> {
  return ask(() => {
    surroundings().disk.need(path, 'access');
  });
}

export function realpath(path: string): Promise<string> {
  return ask(() => {
    surroundings().disk.need(path, 'realpath');
    return `/${partsOf(path).join('/')}`;
  });
}

export function utimes(path: string, _accessed: unknown, changed: Date | number): Promise<void> {
  return ask(() => {
    surroundings().disk.need(path, 'utime').mtime = Number(changed);
  });
}

export function chmod(path: string, mode: number): Promise<void> {
  return ask(() => {
    surroundings().disk.need(path, 'chmod').mode = mode;
  });
}

export function truncate(path: string, length = 0): Promise<void> {
  return ask(() => {
    const file = fileOf(path, 'truncate');
    file.bytes = file.bytes.subarray(0, length);
  });
}

/** There are no links on this disk. */
export function readlink(path: string): Promise<string> {
  return ask(() => {
    throw systemError('EINVAL', 'readlink', path);
  });
}

export function symlink(_target: string, path: string): Promise<void> {
  return ask(() => {
    throw systemError('EPERM', 'symlink', path);
  });
}

export function copyFile(from: string, to: string): Promise<void> {
  return ask(() => {
    surroundings().disk.write(to, Buffer.from(fileOf(from, 'copyfile').bytes));
  });
}

export function statfs(_path: string) {
  return ask(() => ({ bsize: 4_096, blocks: 1_000_000, bavail: surroundings().disk.full ? 0 : 500_000 }));
}

/** An open file, or folder. */
export function open(path: string, flags = 'r', mode?: number) {
  return ask(() => {
    const { disk } = surroundings();
    const known = disk.find(path);
    if (!known && flags.startsWith('r')) throw systemError('ENOENT', 'open', path);
    if (known && flags.includes('x')) throw systemError('EEXIST', 'open', path);
    const writes = flags.startsWith('w') || flags.startsWith('a');
    if (writes && (!known || flags.startsWith('w'))) {
      disk.write(path, Buffer.alloc(0), mode === undefined ? {} : { mode });
    }
    return handleOf(disk.need(path, 'open'));
  });
}

function handleOf(entry: Entry) {
  const add = (content: Content) =>
    ask(() => {
      const { disk } = surroundings();
      if (entry.kind !== 'file') throw systemError('EISDIR', 'write', '');
      if (disk.full) throw systemError('ENOSPC', 'write', '');
      entry.synced ??= entry.bytes;
      entry.bytes = Buffer.concat([entry.bytes, bytesOf(content)]);
      return { bytesWritten: bytesOf(content).length };
    });
  const over = (bytes: Uint8Array, position: number) =>
    ask(() => {
      if (entry.kind !== 'file') throw systemError('EISDIR', 'write', '');
      entry.synced ??= entry.bytes;
      const end = position + bytes.length;
      entry.bytes = Buffer.concat([entry.bytes.subarray(0, position), bytes, entry.bytes.subarray(end)]);
      return { bytesWritten: bytes.length };
    });
  return {
    writeFile: async (content: Content) => {
      await add(content);
    },
    appendFile: async (content: Content) => {
      await add(content);
    },
    /** With a position it is written over what is there. */
    write: (content: Content, offset = 0, length = content.length, position: number | null = null) => {
      if (typeof content === 'string') return add(content);
      const bytes = content.subarray(offset, offset + length);
      return position === null ? add(bytes) : over(bytes, position);
    },
    sync: () =>
      ask(() => {
        if (entry.kind === 'file') entry.synced = null;
      }),
    datasync: () => ask(() => undefined),
    stat: () => ask(() => statOf(entry)),
    readFile: (encoding?: Encoding) =>
      ask(() => textOr(entry.kind === 'file' ? entry.bytes : Buffer.alloc(0), encoding)),
    truncate: (length = 0) =>
      ask(() => {
        if (entry.kind === 'file') entry.bytes = entry.bytes.subarray(0, length);
      }),
    read: (buffer: Buffer, offset: number, length: number, position: number) =>
      ask(() => {
        const bytes = entry.kind === 'file' ? entry.bytes : Buffer.alloc(0);
        const bytesRead = bytes.copy(buffer, offset, position, position + length);
        return { buffer, bytesRead };
      }),
    close: () => ask(() => undefined),
  };
}

function kindOf(entry: Entry) {
  return {
    isFile: () => entry.kind === 'file',
    isDirectory: () => entry.kind === 'folder',
    isSocket: () => entry.kind === 'socket',
    isSymbolicLink: () => false,
  };
}

const numbers = new WeakMap<Entry, number>();
let lastNumber = 0;

/** What tells one file from another that has its name. */
function numberOf(entry: Entry): number {
  const known = numbers.get(entry);
  if (known !== undefined) return known;
  lastNumber += 1;
  numbers.set(entry, lastNumber);
  return lastNumber;
}

export function statOf(entry: Entry) {
  const { mode, mtime } = entry;
  const ino = numberOf(entry);
  const size = entry.kind === 'file' ? entry.bytes.length : 0;
  return { ...kindOf(entry), ino, mode, size, uid: 1_000, gid: 1_000, mtimeMs: mtime, mtime: new Date(mtime) };
}
