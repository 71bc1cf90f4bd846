import { existsSync } from 'node:fs';
import { link, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** All that the events lie in: journals, tables, and the lists that say which of them count. */
const essential = /^(\d+\.(log|ldb|sst)|MANIFEST-\d+|CURRENT)$/;

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

function keptIn(folder: string): string {
  return join(folder, 'log.journals');
}
