import { link, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * When it is opened, LevelDB drops what it cannot read of its journal without a word, and deletes the journal. A
 * second name for each keeps them until the tail was checked, so that what is refused as damaged is still there
 * for a repair. Best effort: a file system without hard links has to do without.
 */
export async function keepJournals(folder: string, location: string): Promise<void> {
  const journals = (await readdir(location)).filter((name) => /^\d+\.log$/.test(name));
  if (journals.length === 0) return;
  await mkdir(keptIn(folder), { recursive: true, mode: 0o700 }).catch(() => {});
  for (const name of journals) await link(join(location, name), join(keptIn(folder), name)).catch(() => {});
}

/** The tail was found good. */
export async function releaseJournals(folder: string): Promise<void> {
  await rm(keptIn(folder), { recursive: true, force: true }).catch(() => {});
}

function keptIn(folder: string): string {
  return join(folder, 'log.journals');
}
