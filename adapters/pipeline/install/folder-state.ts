import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { eachOf } from './each-of.ts';

export interface Found {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** Permission bits. */
  readonly mode: number;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
  /** Another one where it was written, moved or changed in the meantime; times that programs set do not count. */
  readonly mark: string;
}

/** By path below the folder, with slashes; parents before what is in them. */
export type FolderState = ReadonlyMap<string, Found>;

/**
 * Everything in a folder, links not followed.
 * @param leaveOut paths below it that are not looked into
 */
export async function folderState(root: string, leaveOut: ReadonlySet<string> = new Set()): Promise<FolderState> {
  const state = new Map<string, Found>();
  let folders = [''];
  while (folders.length > 0) {
    const next: string[] = [];
    const names = folders.map((): string[] => []);
    await eachOf([...folders.entries()], async ([index, folder]) => {
      names[index] = (await readdir(join(root, folder))).sort();
    });
    const paths = folders.flatMap((folder, index) =>
      (names[index] ?? []).map((name) => (folder === '' ? name : `${folder}/${name}`)),
    );
    const wanted = paths.filter((path) => !leaveOut.has(path));
    const found = new Map<string, Found>();
    await eachOf(wanted, async (path) => {
      found.set(path, await look(join(root, path)));
    });
    for (const path of wanted) {
      const one = found.get(path);
      if (!one) continue;
      state.set(path, one);
      if (one.kind === 'folder') next.push(path);
    }
    folders = next;
  }
  return state;
}

async function look(path: string): Promise<Found> {
  const stat = await lstat(path, { bigint: true });
  const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : 'other';
  const mode = Number(stat.mode) & 0o7777;
  return {
    kind,
    mode,
    size: Number(stat.size),
    modifiedMs: Number(stat.mtimeMs),
    // What is in a folder has marks of its own.
    mark: kind === 'folder' ? String(mode) : `${stat.ino}:${stat.ctimeNs}:${stat.size}:${mode}`,
  };
}

export interface Changes {
  /** Added, or other than before; parents first. */
  readonly changed: readonly (readonly [path: string, now: Found])[];
  /** Was there and is gone. The topmost folder stands for what was in it. */
  readonly removed: readonly string[];
}

export function changesBetween(before: FolderState, after: FolderState): Changes {
  const changed = [...after].filter(([path, now]) => {
    const was = before.get(path);
    return !was || was.kind !== now.kind || was.mark !== now.mark;
  });
  const removed: string[] = [];
  const gone = new Set<string>();
  for (const path of before.keys()) {
    if (after.has(path)) continue;
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (!gone.has(parent)) removed.push(path);
    gone.add(path);
  }
  return { changed, removed };
}
