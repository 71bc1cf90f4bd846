import { existsSync } from 'node:fs';
import { link, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../files/sync-folder.ts';

/** All that the events lie in: journals, tables, and the lists that say which of them count. */
const essential = /^(\d+\.(log|ldb|sst)|MANIFEST-\d+|CURRENT)$/;
/** Among the kept names while they are put back. */
const restoring = 'restoring';

/**
 * When it is opened, LevelDB drops what it cannot read of its journal without a word and deletes the journal; with a
 * damaged manifest it deletes tables that it does not know of; and it merges what it finds. A second name for each file
 * keeps it until the tail was checked, so that what is refused as damaged is still there for a repair, as it was before
 * it was opened. Best effort: a file system without hard links has to do without.
 */
export async function keepJournals(folder: string, location: string): Promise<void> {
  const names = (await readdir(location)).filter((name) => essential.test(name));
  if (names.length === 0) return;
  await mkdir(keptIn(folder), { recursive: true, mode: 0o700 }).catch(() => {});
  // Those of a refusal before this one stay: they are the older ones.
  for (const name of names) await link(join(location, name), join(keptIn(folder), name)).catch(() => {});
}

/** The last opening was refused, or its process ended in it: LevelDB ends the process over some damage. */
export function isOpeningUnfinished(folder: string): boolean {
  return existsSync(keptIn(folder));
}

/** The tail was found good. */
export async function releaseJournals(folder: string): Promise<void> {
  await rm(keptIn(folder), { recursive: true, force: true }).catch(() => {});
}

/**
 * Puts the files of a closed database back as they were before it was opened, under the names that `keepJournals` gave
 * them. Cut off anywhere, `finishRestoring` does the rest. Errors of the disk.
 * @returns false when nothing was kept, on a file system without hard links
 */
export async function restoreJournals(folder: string, location: string): Promise<boolean> {
  const names = await keptNames(folder);
  // Without the list of what counts the rest is none.
  if (!names.includes('CURRENT')) return false;
  await writeFile(join(keptIn(folder), restoring), '');
  await syncFolder(keptIn(folder));
  for (const name of names) await putBack(join(keptIn(folder), name), join(location, name));
  for (const name of await readdir(location)) {
    if (essential.test(name) && !names.includes(name)) await rm(join(location, name));
  }
  await syncFolder(location);
  await rm(keptIn(folder), { recursive: true });
  return true;
}

/** Before anything looks at the files: what a crash left of `restoreJournals` is done to its end. */
export async function finishRestoring(folder: string, location: string): Promise<void> {
  if (existsSync(join(keptIn(folder), restoring))) await restoreJournals(folder, location);
}

/** Over whatever has the name now: LevelDB gives a number again to another file. */
async function putBack(kept: string, place: string): Promise<void> {
  const beside = `${place}.kept`;
  await rm(beside, { force: true });
  await link(kept, beside);
  await rename(beside, place);
  // Two names of one file are left as they are by a rename.
  await rm(beside, { force: true });
}

async function keptNames(folder: string): Promise<string[]> {
  const names = await readdir(keptIn(folder)).catch(() => []);
  return names.filter((name) => essential.test(name));
}

function keptIn(folder: string): string {
  return join(folder, 'log.journals');
}
