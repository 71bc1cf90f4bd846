import type { Ground } from '../ground/ground.ts';
import type { Database } from './database.ts';

export interface Folder {
  readonly kind: 'folder';
  readonly entries: Map<string, Entry>;
  mode: number;
  mtime: number;
}

export interface File {
  readonly kind: 'file';
  bytes: Buffer;
  /** What a power cut leaves; null = all of it. */
  synced: Buffer | null;
  mode: number;
  mtime: number;
  /** Where it stands for all files of a database. */
  database?: Database;
}

/** Somebody listens there. */
export interface Socket {
  readonly kind: 'socket';
  mode: number;
  mtime: number;
}

export type Entry = Folder | File | Socket;

/** An error as the system gives it. */
export function systemError(code: string, call: string, path: string): Error {
  const words = code === 'ENOSPC' ? 'no space left on device' : code.toLowerCase();
  return Object.assign(new Error(`${code}: ${words}, ${call} '${path}'`), { code, path, syscall: call });
}

/** A disk in memory. It outlives the server; what was not synced does not outlive a power cut. */
export class Disk {
  readonly ground: Ground;
  readonly root: Folder = { kind: 'folder', entries: new Map(), mode: 0o755, mtime: 0 };
  full = false;

  constructor(ground: Ground) {
    this.ground = ground;
  }

  find(path: string): Entry | undefined {
    let entry: Entry | undefined = this.root;
    for (const name of partsOf(path)) {
      if (entry?.kind !== 'folder') return undefined;
      entry = entry.entries.get(name);
    }
    return entry;
  }

  need(path: string, call: string): Entry {
    const entry = this.find(path);
    if (!entry) throw systemError('ENOENT', call, path);
    return entry;
  }

  folder(path: string, call: string): Folder {
    const entry = this.need(path, call);
    if (entry.kind !== 'folder') throw systemError('ENOTDIR', call, path);
    return entry;
  }

  /** The folder that holds, or is to hold, something, and the name in it. */
  place(path: string, call: string): { folder: Folder; name: string } {
    const parts = partsOf(path);
    const name = parts.at(-1) ?? '';
    return { folder: this.folder(`/${parts.slice(0, -1).join('/')}`, call), name };
  }

  /** @returns the first folder that had to be made; undefined when all of them were there */
  makeFolder(path: string, recursive: boolean, mode = 0o777): string | undefined {
    const parts = partsOf(path);
    let folder = this.root;
    let first: string | undefined;
    for (const [i, name] of parts.entries()) {
      const entry = folder.entries.get(name);
      const last = i === parts.length - 1;
      if (entry && last && !recursive) throw systemError('EEXIST', 'mkdir', path);
      if (entry && entry.kind !== 'folder') throw systemError('EEXIST', 'mkdir', path);
      if (entry?.kind === 'folder') {
        folder = entry;
        continue;
      }
      if (!last && !recursive) throw systemError('ENOENT', 'mkdir', path);
      if (this.full) throw systemError('ENOSPC', 'mkdir', path);
      const made: Folder = { kind: 'folder', entries: new Map(), mode, mtime: this.ground.time.wall() };
      folder.entries.set(name, made);
      folder = made;
      first ??= `/${parts.slice(0, i + 1).join('/')}`;
    }
    return first;
  }

  write(path: string, bytes: Buffer, { mode = 0o666, exclusive = false, synced = false } = {}): File {
    const { folder, name } = this.place(path, 'open');
    const known = folder.entries.get(name);
    if (known && exclusive) throw systemError('EEXIST', 'open', path);
    if (known && known.kind !== 'file') throw systemError('EISDIR', 'open', path);
    if (this.full && bytes.length > 0) throw systemError('ENOSPC', 'write', path);
    const mtime = this.ground.time.wall();
    if (known?.kind === 'file') {
      if (!synced) known.synced ??= known.bytes;
      known.bytes = bytes;
      known.mtime = mtime;
      return known;
    }
    const file: File = { kind: 'file', bytes, synced: synced ? null : Buffer.alloc(0), mode, mtime };
    folder.entries.set(name, file);
    return file;
  }

  remove(path: string): void {
    const { folder, name } = this.place(path, 'rm');
    folder.entries.delete(name);
  }

  rename(from: string, to: string): void {
    const source = this.place(from, 'rename');
    const entry = source.folder.entries.get(source.name);
    if (!entry) throw systemError('ENOENT', 'rename', from);
    const target = this.place(to, 'rename');
    const there = target.folder.entries.get(target.name);
    if (there?.kind === 'folder' && there.entries.size > 0) throw systemError('ENOTEMPTY', 'rename', to);
    if (entry.kind === 'file' && there?.kind === 'file' && entry.synced) {
      // A name that was not synced may still lead to what it led to before.
      entry.synced = there.synced ?? there.bytes;
    }
    source.folder.entries.delete(source.name);
    target.folder.entries.set(target.name, entry);
  }

  /** What was not synced may be gone: of each such file chance decides. */
  powerCut(): void {
    const look = (folder: Folder) => {
      for (const entry of folder.entries.values()) {
        if (entry.kind === 'folder') look(entry);
        if (entry.kind !== 'file') continue;
        if (entry.synced && entry.synced.length > 0 && this.ground.random.chance(0.5)) entry.bytes = entry.synced;
        entry.synced = null;
        entry.database?.powerCut();
      }
    };
    look(this.root);
  }

  /** Locks of whoever ended. */
  letGo(): void {
    const look = (folder: Folder) => {
      for (const entry of folder.entries.values()) {
        if (entry.kind === 'folder') look(entry);
        else if (entry.kind === 'file') entry.database?.letGo();
      }
    };
    look(this.root);
  }
}

export function partsOf(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts;
}
