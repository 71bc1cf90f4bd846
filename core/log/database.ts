import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Level } from 'level';
import { PloinkyError } from '../errors/ploinky-error.ts';
import { syncFolder } from '../files/sync-folder.ts';
import { checkClosedTables } from './check-tables.ts';
import { droppedAtOpen, markAccount } from './dropped-at-open.ts';
import { isDiskFull, readFailure, reasonOf, writeFailure } from './failures.ts';
import { type ForkMark, isForkMark } from './fork-mark.ts';
import { heldBy } from './holder.ts';
import { finishRestoring, isOpeningUnfinished, keepJournals, releaseJournals, restoreJournals } from './journals.ts';
import { formatKey } from './keys.ts';

export type Database = Level<string, string>;

/** What the key `m!format` holds. */
export interface LogFormat {
  readonly logId: string;
  /** Set in a log that is the copy of another one: whoever opens it must not act on the world in its name. */
  readonly fork: ForkMark | null;
  /** True when task events of the log lie in segment files. */
  readonly sealed?: boolean;
}

/** A fork has a number of its own, so that a Ploinky that knows nothing of forks refuses it instead of acting. */
const formats = { log: 1, fork: 2, sealed: 3 } as const;

/** LevelDB's own 4 MiB make it write a table several times a second under load, and writers wait for that. */
export const writeBufferBytes = 16 * 1024 * 1024;

/** Where the database of a data folder lies. */
export function logFolder(folder: string): string {
  return join(folder, 'log');
}

/**
 * Makes an empty database; the only call that may. It is made beside its place and renamed, so that a cut-off
 * creation leaves nothing that looks like a log.
 * @throws PloinkyError LOG_EXISTS, LOG_HELD, LOG_WRITE_FAILED, DISK_FULL
 */
export async function createDatabase(folder: string, logId: string): Promise<void> {
  const location = logFolder(folder);
  const exists = () => new PloinkyError('LOG_EXISTS', `An event log is already in ${location}.`);
  if (namesIn(location).length > 0) throw exists();
  if (existsSync(join(folder, 'head.json'))) {
    throw new PloinkyError('LOG_EXISTS', `${join(folder, 'head.json')} belongs to a log that was in ${folder} once.`);
  }
  const unfinished = join(folder, 'log.new');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const db: Database = new Level(unfinished);
    await db.open({ createIfMissing: true });
    await writeFormat(db, { logId, fork: null });
    await db.close();
    await rename(unfinished, location);
    await syncFolder(folder);
    await syncFolder(dirname(folder));
  } catch (error) {
    const { code } = reasonOf(error);
    if (code === 'LEVEL_LOCKED') throw await heldBy(folder, error);
    await rm(unfinished, { recursive: true, force: true }).catch(() => {});
    throw code === 'ENOTEMPTY' || code === 'EEXIST' ? exists() : writeFailure(error);
  }
}

/**
 * Opens what is there and makes nothing: with a missing CURRENT file LevelDB would otherwise delete every table.
 * Who has checked the tail calls `releaseJournals`. `thorough`: the tables of LevelDB are checked
 * first; unless told, when the last opening did not come to its end.
 * @throws PloinkyError LOG_MISSING, LOG_HELD, LOG_DAMAGED, LOG_UNREADABLE, DISK_FULL
 */
export async function openDatabase(folder: string, options: { thorough?: boolean } = {}): Promise<Database> {
  const location = logFolder(folder);
  await finishRestoring(folder, location);
  requireFiles(folder);
  const unfinished = isOpeningUnfinished(folder);
  if (options.thorough ?? unfinished) await checkClosedTables(location);
  await keepJournals(folder, location);
  const account = await markAccount(location);
  const db: Database = new Level(location, { writeBufferSize: writeBufferBytes });
  try {
    await db.open({ createIfMissing: false });
    const dropped = await droppedAtOpen(location, account);
    if (dropped !== null) throw await takenBack(folder, db, dropped);
    return db;
  } catch (error) {
    if (reasonOf(error).code === 'LEVEL_LOCKED') {
      if (!unfinished) await releaseJournals(folder);
      throw await heldBy(folder, error);
    }
    if (isDiskFull(error)) {
      throw new PloinkyError('DISK_FULL', `No space is left to open the log in ${location}.`, { cause: error });
    }
    throw readFailure(error, `The log in ${location}`);
  }
}

/** The error for an opening that went on without events; they are put back for the next one. */
async function takenBack(folder: string, db: Database, dropped: string): Promise<PloinkyError> {
  const { location } = db;
  await db.close();
  const restored = await restoreJournals(folder, location);
  const rest = restored ? 'Its files were left as they were.' : 'What was not read is lost there: restore a backup.';
  const text = `The log in ${location} could not be read whole: ${dropped}. ${rest}`;
  return new PloinkyError(restored ? 'LOG_UNREADABLE' : 'LOG_DAMAGED', text);
}

/** @throws PloinkyError LOG_FORMAT, LOG_DAMAGED */
export async function readFormat(db: Database): Promise<LogFormat> {
  const text = await db.get(formatKey);
  if (text === undefined) {
    const message = `The LevelDB folder ${db.location} is no log of Ploinky, or lost the record that says so.`;
    throw new PloinkyError('LOG_DAMAGED', message);
  }
  const parsed = parseFormat(text);
  if (parsed) return parsed;
  const { format } = fieldsOf(text);
  const known = `this Ploinky reads format ${formats.log}, ${formats.fork} for forks, ${formats.sealed} with segments`;
  throw new PloinkyError('LOG_FORMAT', `The log in ${db.location} has the format ${String(format)}; ${known}.`);
}

export async function writeFormat(db: Database, format: LogFormat): Promise<void> {
  await db.put(...formatEntry(format), { sync: true });
}

/** Put for a format. A log with segment files is none that a version without them may read. */
export function formatEntry({ logId, fork, sealed }: LogFormat): [key: string, value: string] {
  const format = sealed ? formats.sealed : fork ? formats.fork : formats.log;
  return [formatKey, JSON.stringify({ format, logId, ...(fork ? { fork } : {}) })];
}

function requireFiles(folder: string): void {
  const location = logFolder(folder);
  const names = namesIn(location);
  if (names.includes('CURRENT')) return;
  if (names.length > 0) {
    throw new PloinkyError('LOG_DAMAGED', `${join(location, 'CURRENT')} is missing; without it nothing can be read.`);
  }
  if (existsSync(join(folder, 'head.json'))) {
    throw new PloinkyError(
      'LOG_DAMAGED',
      `${location} is gone, but ${join(folder, 'head.json')} tells of a log there.`,
    );
  }
  throw new PloinkyError('LOG_MISSING', `There is no event log in ${location}.`);
}

/** @throws PloinkyError LOG_DAMAGED, LOG_UNREADABLE */
function namesIn(location: string): string[] {
  try {
    return readdirSync(location);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR') throw new PloinkyError('LOG_DAMAGED', `${location} is no folder.`, { cause: error });
    throw readFailure(error, `The log in ${location}`);
  }
}

/** Null for a format that is not known here. */
export function parseFormat(text: string): LogFormat | null {
  const { format, logId, fork } = fieldsOf(text);
  if (typeof logId !== 'string') return null;
  if (format === formats.log) return { logId, fork: null };
  if (format === formats.sealed) return { logId, fork: isForkMark(fork) ? fork : null, sealed: true };
  return format === formats.fork && isForkMark(fork) ? { logId, fork } : null;
}

function fieldsOf(text: string): { format?: unknown; logId?: unknown; fork?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
