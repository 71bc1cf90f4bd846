import { LRUCache } from 'lru-cache';
import type { Content, OpenFile } from './open-file.ts';
import { openInside, openRegular, realPlace } from './open-inside.ts';

/** Up to here a file is read at once, and may be kept. */
export const oneRead = 64 * 1024;

/** The files below a folder. */
export interface FolderFiles {
  /** Without links; null when the folder is not there. */
  root(folder: string): Promise<string | null>;
  /** As `openInside`. */
  inside(root: string, segments: readonly string[]): Promise<OpenFile | 'folder' | null>;
  /** A file by its place, which no link leads to. */
  at(place: string): Promise<OpenFile | 'folder' | null>;
}

/** Looks each time: files that anybody may change. */
export const changingFiles: FolderFiles = { root: realPlace, inside: openInside, at: openRegular };

/** What was found at a place; `bytes` of small files alone. */
interface Found extends Omit<OpenFile, 'content'> {
  readonly bytes: Buffer | null;
}

type Looked = Found | 'folder' | 'absent';

const roots = new LRUCache<string, string>({ max: 1_000 });
/** Those that nobody asked for the longest go first. Also what is not there is worth to be known. */
const looked = new LRUCache<string, Looked>({
  max: 20_000,
  maxSize: 32 * 1024 * 1024,
  sizeCalculation: (found, key) => key.length + (typeof found === 'object' ? (found.bytes?.length ?? 0) : 0) + 1,
});

/**
 * Remembers what it found, and small files whole: the checkout of a release is written once, before it serves, and no
 * other release gets its folder. Then an answer costs no system call, and none of the threads that the log writes with.
 */
export const settledFiles: FolderFiles = {
  async root(folder) {
    const known = roots.get(folder);
    if (known !== undefined) return known;
    const root = await realPlace(folder);
    if (root !== null) roots.set(folder, root);
    return root;
  },
  inside: (root, segments) => remembered(`${root}\0${segments.join('/')}`, () => openInside(root, segments)),
  at: (place) => remembered(place, () => openRegular(place)),
};

async function remembered(
  key: string,
  look: () => Promise<OpenFile | 'folder' | null>,
): Promise<OpenFile | 'folder' | null> {
  const known = looked.get(key);
  if (known === 'folder') return known;
  if (known === 'absent') return null;
  if (known?.bytes) return { ...known, content: bytesContent(known.bytes) };
  if (known) return openRegular(known.place);
  const found = await look();
  if (found === null || found === 'folder') {
    looked.set(key, found ?? 'absent');
    return found;
  }
  const { place, size, modifiedMs, content } = found;
  const bytes = size <= oneRead ? await content.read(0, size) : null;
  looked.set(key, { place, size, modifiedMs, bytes });
  return found;
}

/** Small enough to be read at once, so that nobody streams it. */
function bytesContent(bytes: Buffer): Content {
  return {
    read: async (start, length) => bytes.subarray(start, start + length),
    stream: () => {
      throw new Error('what is in memory is read, not streamed');
    },
    close: async () => undefined,
  };
}
