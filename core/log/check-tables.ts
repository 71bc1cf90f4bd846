import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClassicLevel } from 'classic-level';
import { damage } from './damage.ts';
import type { Database } from './database.ts';
import { readFailure } from './failures.ts';
import { isFinishedTable, problemOfTable } from './table-file.ts';

/**
 * The checksums of all tables of a database that nobody has open: what reads would take as it is, or end the process
 * over. A table that was never finished is left to LevelDB, which knows whether it counts.
 * @throws PloinkyError LOG_DAMAGED naming the file; LOG_UNREADABLE
 */
export async function checkClosedTables(location: string): Promise<void> {
  const names = (await readdir(location)).filter((name) => /^\d+\.(ldb|sst)$/.test(name));
  for (const name of names.sort()) await checkTable(join(location, name), isFinishedTable);
}

/** The same of an open database: of the tables that count at this moment. */
export async function checkOpenTables(db: Database): Promise<void> {
  // `level` declares what browsers have too; on Node it is classic-level.
  const { location } = db;
  const tables = (db as Database & Pick<ClassicLevel, 'getProperty'>)
    .getProperty('leveldb.sstables')
    .matchAll(/^ (\d+):\d+\[/gm);
  for (const [, number = ''] of tables) {
    await checkTable(join(location, `${number.padStart(6, '0')}.ldb`), () => true);
  }
}

async function checkTable(file: string, counts: (bytes: Buffer) => boolean): Promise<void> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    // Merged into another one meanwhile.
    if (error.code === 'ENOENT') return null;
    throw readFailure(error, file);
  });
  const problem = bytes && counts(bytes) ? problemOfTable(bytes) : null;
  if (problem) throw damage.table(file, problem);
}
