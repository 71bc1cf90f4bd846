import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { PloinkyError } from '../errors/ploinky-error.ts';
import { heldBy } from './holder.ts';
import { formatKey } from './keys.ts';

export type Database = ClassicLevel<string, string>;

/** What the key `m!format` holds. */
export interface LogFormat {
  readonly format: number;
  readonly logId: string;
}

const currentFormat = 1;

/** LevelDB's own 4 MiB make it write a table several times a second under load, and writers wait for that. */
const writeBufferBytes = 16 * 1024 * 1024;

/** Makes the database. The only call that may. @throws LOG_EXISTS */
export async function createDatabase(folder: string, logId: string): Promise<Database> {
  const location = join(folder, 'log');
  if (existsSync(location)) {
    throw new PloinkyError('LOG_EXISTS', `An event log is already in ${location}.`);
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const db: Database = new ClassicLevel(location, { writeBufferSize: writeBufferBytes });
  await db.open({ createIfMissing: true, errorIfExists: true });
  await db.put(formatKey, JSON.stringify({ format: currentFormat, logId } satisfies LogFormat), { sync: true });
  return db;
}

/**
 * Opens what is there and makes nothing: with a missing CURRENT file LevelDB would otherwise delete every table.
 * @throws LOG_MISSING, LOG_HELD, LOG_DAMAGED, DISK_FULL
 */
export async function openDatabase(folder: string): Promise<Database> {
  const location = join(folder, 'log');
  requireFiles(location);
  const db: Database = new ClassicLevel(location, { writeBufferSize: writeBufferBytes });
  try {
    await db.open({ createIfMissing: false });
    return db;
  } catch (error) {
    const said = reasonOf(error);
    if (said.code === 'LEVEL_LOCKED') throw await heldBy(folder, error);
    if (isDiskFull(said.message)) {
      throw new PloinkyError('DISK_FULL', `No space is left to open the log in ${location}.`, { cause: error });
    }
    throw new PloinkyError('LOG_DAMAGED', `The log in ${location} cannot be opened: ${said.message}.`, {
      cause: error,
    });
  }
}

/** @throws LOG_FORMAT, LOG_DAMAGED */
export async function readFormat(db: Database, folder: string): Promise<LogFormat> {
  const text = await db.get(formatKey);
  if (text === undefined) {
    throw new PloinkyError('LOG_DAMAGED', `${join(folder, 'log')} is a LevelDB folder but no log of Ploinky.`);
  }
  const { format, logId } = parseFormat(text);
  if (format !== currentFormat || typeof logId !== 'string') {
    const known = `this Ploinky reads format ${currentFormat}`;
    throw new PloinkyError('LOG_FORMAT', `The log in ${folder} has the format ${String(format)}; ${known}.`);
  }
  return { format, logId };
}

/** What LevelDB said, whichever wrapper it came in. */
export function reasonOf(error: unknown): { code: string | null; message: string } {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  const { code, message } = innermost as { code?: unknown; message?: unknown };
  return { code: typeof code === 'string' ? code : null, message: String(message ?? innermost) };
}

export function isDiskFull(message: string): boolean {
  return /No space left on device|ENOSPC|Disk quota exceeded/i.test(message);
}

function requireFiles(location: string): void {
  const names = existsSync(location) ? readdirSync(location) : [];
  if (names.includes('CURRENT')) return;
  if (names.length > 0) {
    throw new PloinkyError('LOG_DAMAGED', `${join(location, 'CURRENT')} is missing; without it nothing can be read.`);
  }
  throw new PloinkyError('LOG_MISSING', `There is no event log in ${location}.`);
}

function parseFormat(text: string): { format?: unknown; logId?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
