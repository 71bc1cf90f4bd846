import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import path from 'node:path';

/** Whoever gets one closes its handle. */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly stats: Stats;
  /** Absolute, without symbolic links. */
  readonly place: string;
}

/**
 * What lies at `segments` below `root`; null for what is not there, is hidden, or is led out of the root by a link.
 * Checkouts come from outside and may hold links, so not the address is judged but the place it leads to.
 * @param root as `realpath` gives it
 * @param segments decoded, none of them `..` or with a slash in it
 */
export async function openInside(root: string, segments: readonly string[]): Promise<OpenFile | 'folder' | null> {
  if (segments.some(isHidden)) return null;
  const place = await realpath(path.join(root, ...segments)).catch(() => null);
  if (place === null || !isWithin(root, place)) return null;
  return openRegular(place);
}

/** Neither beside the root nor, by a link inside it, at something hidden. */
function isWithin(root: string, place: string): boolean {
  if (place === root) return true;
  const below = root.endsWith(path.sep) ? root : root + path.sep;
  return place.startsWith(below) && !place.slice(below.length).split(path.sep).some(isHidden);
}

/** Dot files are not for the public, but for the one folder that was invented for it (RFC 8615). */
function isHidden(name: string): boolean {
  return name.startsWith('.') && name !== '.well-known';
}

/** @param place without a link as its last part */
export async function openRegular(place: string): Promise<OpenFile | 'folder' | null> {
  let handle: FileHandle;
  try {
    // Without O_NONBLOCK a pipe in the folder would hold the request for ever.
    handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  const stats = await handle.stat();
  if (stats.isFile()) return { handle, stats, place };
  await handle.close();
  return stats.isDirectory() ? 'folder' : null;
}
