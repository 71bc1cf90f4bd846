import { LocalGitError } from './local-git.ts';
import type { Mirror } from './mirror.ts';

export interface TreeEntry {
  /** `100644`, `100755`, `120000` (symbolic link), `040000` (folder) or `160000` (submodule). */
  readonly mode: string;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly hash: string;
  /** From the tree asked for, with slashes. */
  readonly path: string;
}

/** What a tree holds; with `recursive` every file in it instead. @throws LocalGitError */
export async function readTree(mirror: Mirror, tree: string, recursive = false): Promise<TreeEntry[]> {
  const output = await mirror.run(['ls-tree', '-z', ...(recursive ? ['-r'] : []), tree]);
  return output
    .toString('utf8')
    .split('\0')
    .flatMap((record) => {
      const [, mode, type, hash, path] = /^(\d{6}) (blob|tree|commit) ([0-9a-f]{40})\t([\s\S]+)$/.exec(record) ?? [];
      return mode && hash && path ? [{ mode, type: type as TreeEntry['type'], hash, path }] : [];
    });
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
