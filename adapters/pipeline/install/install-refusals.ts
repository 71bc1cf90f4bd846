import { readFile, stat } from 'node:fs/promises';
import type { Changes, FolderState } from './folder-state.ts';
import type { InstallKey } from './install-key.ts';
import type { InstallManifest } from './install-manifest.ts';

/** Why a result is not kept; the release is none the worse for it. */
export class NotKept extends Error {}

/** An entry that is not what it was when it was made, or does not fit this checkout. */
export class Unusable extends Error {}

/** Text that nothing that is kept may hold: values of secrets, and places that are soon gone. */
export interface Withheld {
  readonly text: string;
  /** After "holds" or "names". */
  readonly what: string;
}

const mostFiles = 200_000;
const mostBytes = 4 * 1024 ** 3;
/** Larger ones cannot be looked through. */
const longestSearched = 1024 ** 3;

/** What the step made must not lie over files of this commit that the key says nothing of. */
/** @throws Unusable */
export function refuseStale(
  { folders, files, links, removed }: InstallManifest,
  { scope, paths }: InstallKey,
  state: FolderState,
) {
  if (scope === 'tree') return;
  for (const path of [...files.map(([name]) => name), ...links.map(([name]) => name), ...removed]) {
    if (state.has(path) && !paths.has(path)) throw new Unusable(`${path} is a file of this commit`);
  }
  const made = new Set([...folders.map(([path]) => path), ...files.flatMap(([path]) => parentsOf(path))]);
  for (const path of made) {
    const found = state.get(path);
    if (found && found.kind !== 'folder') throw new Unusable(`${path} is no folder in this commit`);
  }
}

/** @throws NotKept */
export function refuseUnfit(
  { scope, paths }: InstallKey,
  before: FolderState,
  { changed, removed, bytes }: Changes & { readonly bytes: number },
): void {
  const odd = changed.find(([, { kind }]) => kind === 'other');
  if (odd) throw new NotKept(`${odd[0]} is neither file, folder nor link`);
  if (changed.length > mostFiles) throw new NotKept(`it left more than ${mostFiles} files`);
  if (bytes > mostBytes) throw new NotKept(`it left more than ${mostBytes / 1024 ** 3} GiB`);
  if (scope === 'tree') return;
  const touched = [
    ...changed.flatMap(([path, { kind }]) => (kind !== 'folder' && before.has(path) ? path : [])),
    ...removed,
  ];
  const source = touched.find((path) => !paths.has(path));
  if (source !== undefined) throw new NotKept(`it changed ${source}, which is a file of the commit`);
}

/** @throws NotKept */
export async function refuseWithheld(file: string, path: string, withheld: readonly Withheld[]): Promise<void> {
  if (withheld.length === 0) return;
  if ((await stat(file)).size > longestSearched) throw new NotKept(`${path} is too large to be looked through`);
  refuseText(await readFile(file), path, withheld);
}

/** @throws NotKept */
export function refuseText(content: Buffer | string, path: string, withheld: readonly Withheld[]): void {
  const found = withheld.find(({ text }) => content.includes(text));
  if (found) throw new NotKept(`${path} holds ${found.what}`);
}

export function parentsOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}
