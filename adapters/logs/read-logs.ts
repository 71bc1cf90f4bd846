import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { dayFileName, dayOfFile } from './day.ts';

const chunkBytes = 64 * 1024;
/** Of one answer, however long its lines are. */
const maxTailBytes = 16 * 1024 * 1024;

/** Days that have a log file, ascending. */
export async function listDays(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .map(dayOfFile)
    .filter((day) => day !== null)
    .sort();
}

/** The last lines of a day's file, read from its end; empty when there is none. */
export function tailOfDay(folder: string, day: string, lines: number): Promise<string> {
  return tailOfFile(path.join(folder, dayFileName(day)), lines);
}

/** The last lines of a file; empty when there is none. */
export async function tailOfFile(file: string, lines: number): Promise<string> {
  let handle: FileHandle;
  try {
    handle = await open(file);
  } catch {
    return '';
  }
  try {
    const { size } = await handle.stat();
    return await tail(handle, size, lines);
  } finally {
    await handle.close();
  }
}

async function tail(handle: FileHandle, size: number, lines: number): Promise<string> {
  const chunks: Buffer[] = [];
  let start = size;
  let ends = 0;
  // One line end more than lines: the one before the first of them.
  while (start > 0 && ends <= lines && size - start < maxTailBytes) {
    const length = Math.min(chunkBytes, start);
    start -= length;
    const chunk = Buffer.alloc(length);
    await handle.read(chunk, 0, length, start);
    chunks.unshift(chunk);
    for (const byte of chunk) if (byte === 10) ends += 1;
  }
  const all = Buffer.concat(chunks).toString('utf8').split('\n');
  const unfinished = all.pop() ?? '';
  const wanted = all.slice(-lines);
  return `${wanted.join('\n')}${wanted.length > 0 ? '\n' : ''}${unfinished}`;
}

/** The file of a day as a stream; null when there is none. `day` is `YYYY-MM-DD`. */
export async function openDay(folder: string, day: string): Promise<Readable | null> {
  let handle: FileHandle;
  try {
    handle = await open(path.join(folder, dayFileName(day)));
  } catch {
    return null;
  }
  const { size } = await handle.stat();
  if (size > 0) return createReadStream('', { fd: handle, end: size - 1 });
  await handle.close();
  return Readable.from([]);
}
