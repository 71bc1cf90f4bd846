import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { mediaTypeOf } from './media-types.ts';

export interface StaticFile {
  readonly handle: FileHandle;
  readonly stats: Stats;
  readonly mediaType: string;
}

/** `redirect`: a folder was named without its final slash, so that relative links would lead astray. */
export type StaticAnswer = { readonly file: StaticFile } | { readonly redirect: string } | null;

/**
 * A file of `<folder>/<domain>/<segments>`, or the `index.html` of a folder. null for everything that is not
 * there, begins with a dot, or leads out of the folder by a link. The caller closes the handle.
 */
export async function findStatic(
  folder: string,
  domain: string,
  segments: readonly string[],
  trailingSlash: boolean,
): Promise<StaticAnswer> {
  if (segments.some((segment) => segment.startsWith('.'))) return null;
  const root = await resolved(path.join(folder, domain));
  if (root === null) return null;
  const target = await resolved(path.join(root, ...segments));
  if (target === null || !within(root, target)) return null;
  const found = await openRegular(target);
  if (found === 'folder') {
    const index = await resolved(path.join(target, 'index.html'));
    if (index === null || !within(root, index)) return null;
    if (!trailingSlash && segments.length > 0) {
      return { redirect: `/${segments.map(encodeURIComponent).join('/')}/` };
    }
    const file = await openRegular(index);
    return file === null || file === 'folder' ? null : { file };
  }
  return found === null || trailingSlash ? await closed(found) : { file: found };
}

async function closed(found: StaticFile | null): Promise<null> {
  await found?.handle.close();
  return null;
}

async function resolved(place: string): Promise<string | null> {
  try {
    return await realpath(place);
  } catch {
    return null;
  }
}

/** Neither beside the root nor, by a link inside it, at something hidden. */
function within(root: string, target: string): boolean {
  if (target === root) return true;
  if (!target.startsWith(root + path.sep)) return false;
  return !target
    .slice(root.length)
    .split(path.sep)
    .some((part) => part.startsWith('.'));
}

async function openRegular(place: string): Promise<StaticFile | 'folder' | null> {
  let handle: FileHandle;
  try {
    // Without O_NONBLOCK a pipe in the folder would hold the request for ever.
    handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  const stats = await handle.stat();
  if (stats.isFile()) return { handle, stats, mediaType: mediaTypeOf(place) };
  await handle.close();
  return stats.isDirectory() ? 'folder' : null;
}
