import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { posix } from 'node:path';

/** One thing in an image that is made of files of this machine. `path` is absolute, as seen inside. */
export type HostEntry =
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number }
  | { readonly kind: 'text'; readonly path: string; readonly text: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | HostFile;

export interface HostFile {
  readonly kind: 'file';
  readonly path: string;
  /** Where its bytes are on this machine, without symbolic links. */
  readonly source: string;
  readonly mode: number;
  readonly size: number;
  /** Whole milliseconds. */
  readonly modifiedMs: number;
}

/** Layout of the image; part of the fingerprint, so that a newer Ploinky replaces an image of another make. */
const layout = 1;

/**
 * The files of an image while they are collected. Owners and groups are left out, and modes say only whether a file
 * is a program: whoever runs in the image can read and run everything.
 */
export class HostTree {
  readonly #entries = new Map<string, HostEntry>();

  folder(path: string, mode = 0o755): void {
    this.#add({ kind: 'folder', path, mode });
  }

  text(path: string, text: string): void {
    this.#add({ kind: 'text', path, text });
  }

  /** Nothing happens when the target is at that path itself. */
  link(path: string, target: string): void {
    if (inside(path) !== inside(target)) this.#add({ kind: 'link', path, target });
  }

  /** @throws Error of the file system; an Error when it is no regular file */
  async file(source: string, path = source): Promise<void> {
    if (this.#entries.has(inside(path))) return;
    const real = await realpath(source);
    const found = await stat(real);
    if (!found.isFile()) throw new Error(`${real} is no file`);
    const mode = (found.mode & 0o111) === 0 ? 0o644 : 0o755;
    this.#add({ kind: 'file', path, source: real, mode, size: found.size, modifiedMs: Math.floor(found.mtimeMs) });
  }

  /** Folders before what is in them. */
  entries(): readonly HostEntry[] {
    return [...this.#entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** 64 hex digits, equal for equal files. Contents are told by size and time, not read: they are 100 MB. */
  fingerprint(): string {
    return createHash('sha256')
      .update(JSON.stringify([layout, this.entries()]))
      .digest('hex');
  }

  #add(entry: HostEntry): void {
    const path = inside(entry.path);
    for (let parent = posix.dirname(path); parent !== '/'; parent = posix.dirname(parent)) {
      if (!this.#entries.has(parent)) this.#entries.set(parent, { kind: 'folder', path: parent, mode: 0o755 });
    }
    this.#entries.set(path, { ...entry, path });
  }
}

/** In the image /bin and /sbin are links to /usr/bin, on the machine they may be folders of their own. */
function inside(path: string): string {
  return posix.normalize(path).replace(/^\/(?:usr\/)?s?bin(?=\/.)/, '/usr/bin');
}
