import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { LocalGitError } from './local-git.ts';
import type { Mirror } from './mirror.ts';
import type { GitObject } from './object-answers.ts';
import type { ObjectReader } from './object-reader.ts';

export interface TreeEntry {
  /** `100644`, `100755`, `120000` (symbolic link), `040000` (folder) or `160000` (submodule). */
  readonly mode: string;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly hash: string;
  /** From the tree that was asked for, with slashes. */
  readonly path: string;
}

export interface Tree {
  readonly hash: string;
  readonly entries: readonly TreeEntry[];
}

/** What a tree holds. @param name of a tree, or of a commit with `^{tree}` behind it. @throws LocalGitError */
export async function readTree(objects: ObjectReader, name: string): Promise<Tree> {
  return treeOf(await objects.read(name), name);
}

/** @throws LocalGitError where the answer about `name` is no tree; PloinkyError MANIFEST_INVALID where it is too large */
export function treeOf(found: GitObject | null, name: string): Tree {
  if (found?.type !== 'tree') throw new LocalGitError(0, `missing tree ${name}`);
  if (found.content === null) throw tooLarge(`A folder of ${found.size} bytes of names`);
  return { hash: found.hash, entries: parseTree(found.content) };
}

/** Of something in a repository that nobody can have meant to deploy. @param what with its size */
export function tooLarge(what: string): PloinkyError {
  return new PloinkyError('MANIFEST_INVALID', `${what} in the repository is more than can be deployed.`);
}

/** A few kilobytes of Git can name the same folder a billion times. */
const mostEntries = 250_000;

/** Every file below a tree, in the order of Git. @throws LocalGitError; PloinkyError MANIFEST_INVALID when they are too many */
export async function readFiles(objects: ObjectReader, tree: Tree): Promise<TreeEntry[]> {
  let seen = 0;
  const trees = new Map<string, Promise<Tree>>();
  const treeAt = (hash: string) => {
    const tree = trees.get(hash) ?? readTree(objects, hash);
    trees.set(hash, tree);
    return tree;
  };
  const below = async ({ entries }: Tree, folder: string): Promise<TreeEntry[]> => {
    seen += entries.length;
    if (seen > mostEntries) {
      throw new PloinkyError(
        'MANIFEST_INVALID',
        `The agent’s folder holds more than ${mostEntries} files and folders.`,
      );
    }
    const files = entries.map(async (entry): Promise<TreeEntry[]> => {
      const path = `${folder}${entry.path}`;
      if (entry.type !== 'tree') return [{ ...entry, path }];
      return below(await treeAt(entry.hash), `${path}/`);
    });
    return (await Promise.all(files)).flat();
  };
  return below(tree, '');
}

/** A tree as Git stores it: mode, name and 20 bytes of hash of each entry. */
function parseTree(bytes: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space);
    if (space < 0 || end < 0) throw new LocalGitError(0, 'bad tree object');
    const mode = modeOf(bytes.toString('latin1', at, space));
    const type = mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob';
    at = end + 21;
    entries.push({
      mode,
      type,
      hash: bytes.toString('hex', end + 1, at),
      path: bytes.toString('utf8', space + 1, end),
    });
  }
  return entries;
}

/**
 * A mode as Git acts on it. Others than it writes today may stand in a tree, and some of them mean a link: what is judged
 * here must be what is checked out (canon_mode in Git's object.h).
 */
function modeOf(written: string): string {
  const bits = /^[0-7]+$/.test(written) ? Number.parseInt(written, 8) : Number.NaN;
  // Git keeps 16 bits of it, or all, depending on its version.
  if (!(bits <= 0o177777)) throw new LocalGitError(0, 'bad tree object');
  const kind = bits & 0o170000;
  if (kind === 0o100000) return bits & 0o100 ? '100755' : '100644';
  if (kind === 0o120000) return '120000';
  return kind === 0o040000 ? '040000' : '160000';
}

export interface FoundBlob {
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
}

/** One answer per name (`<tree>:<path>` or a hash), null where there is no such file. Names hold no line break. */
export async function findBlobs(mirror: Mirror, names: readonly string[]): Promise<(FoundBlob | null)[]> {
  if (names.length === 0) return [];
  const output = await mirror.run(['cat-file', '--batch-check'], { input: `${names.join('\n')}\n` });
  const lines = output.toString('utf8').split('\n');
  return names.map((_, index) => {
    const [, hash, size] = /^([0-9a-f]{40}) blob (\d+)$/.exec(lines[index] ?? '') ?? [];
    return hash && size ? { hash, size: Number(size) } : null;
  });
}

/** Content of blobs that exist, in the order asked. */
export async function readBlobs(mirror: Mirror, hashes: readonly string[]): Promise<Buffer[]> {
  if (hashes.length === 0) return [];
  const output = await mirror.run(['cat-file', '--batch'], { input: `${hashes.join('\n')}\n` });
  const blobs: Buffer[] = [];
  for (let at = 0; blobs.length < hashes.length; ) {
    const end = output.indexOf(0x0a, at);
    const [, size] = /^[0-9a-f]{40} blob (\d+)$/.exec(output.subarray(at, end).toString('latin1')) ?? [];
    if (end < 0 || size === undefined) throw new LocalGitError(0, `missing blob ${hashes[blobs.length]}`);
    const start = end + 1;
    at = start + Number(size) + 1;
    blobs.push(output.subarray(start, start + Number(size)));
  }
  return blobs;
}
