import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { handleContent, type OpenFile } from './open-file.ts';

/** Nothing is there for anybody who asks; a disk or a system that is in trouble is another matter. */
const absent = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG', 'ENXIO', 'EMLINK']);

/**
 * What lies at `segments` below `root`; null for what is not there, is hidden, or is led out of the root by a link.
 * Checkouts come from outside and may hold links, so not the address is judged but the place it leads to.
 * @param root as `realPlace` gives it
 * @param segments decoded, none of them `..` or with a slash in it
 * @throws Error of the file system
 */
export async function openInside(root: string, segments: readonly string[]): Promise<OpenFile | 'folder' | null> {
  if (segments.some(isHidden)) return null;
  const place = await realPlace(path.join(root, ...segments));
  if (place === null || !isWithin(root, place)) return null;
  return openRegular(place);
}

/** Absolute and without links; null where nothing is. @throws Error of the file system */
export function realPlace(place: string): Promise<string | null> {
  return realpath(place).catch(nullWhenAbsent);
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

/** @param place without a link as its last part; @throws Error of the file system */
export async function openRegular(place: string): Promise<OpenFile | 'folder' | null> {
  // Without O_NONBLOCK a pipe in the folder would hold the request for ever.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle: FileHandle | null = await open(place, flags).catch(nullWhenAbsent);
  if (handle === null) return null;
  const stats = await handle.stat();
  if (stats.isFile()) return { place, size: stats.size, modifiedMs: stats.mtimeMs, content: handleContent(handle) };
  await handle.close();
  return stats.isDirectory() ? 'folder' : null;
}

function nullWhenAbsent(error: NodeJS.ErrnoException): null {
  if (absent.has(error.code ?? '')) return null;
  throw error;
}
