import { open, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { canFree, freeUpTo } from './free-blocks.ts';

const longestLog = 16 * 1024 * 1024;
/** So many times that may wait for its reader where blocks can be given back. */
const readersFactor = 4;
/** Of what is cut off, this much stays readable. */
const keptBytes = 1024 * 1024;
const pieceBytes = 64 * 1024;

/** Where what the program writes to stdout goes; both streams where they were not parted. */
export function outputFile(folder: string): string {
  return join(folder, 'output', 'output.log');
}

/** Where stderr goes. */
export function errorFile(folder: string): string {
  return join(folder, 'output', 'errors.log');
}

/** What was cut off last. */
function olderFile(file: string): string {
  return join(dirname(file), file.endsWith('errors.log') ? 'older-errors.log' : 'older.log');
}

/**
 * Gives back the room of what was written long ago. Where the system can, the file keeps its length, so that whoever
 * reads it goes on where they were. Else it is cut, its end kept in a second file, and what is written in the very
 * moment of the cut is lost; the program appends, so that it goes on at the new end.
 */
export async function limitOutput(folder: string, limit: number = longestLog): Promise<void> {
  for (const file of [outputFile(folder), errorFile(folder)]) await limitFile(file, limit);
}

async function limitFile(file: string, limit: number): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found === null || found.size <= limit) return;
  if (canFree) {
    // With room for whoever reads it: what goes before it was read is lost.
    if (found.blocks * 512 <= readersFactor * limit) return;
    if (await freeUpTo(file, found.size - limit)) return;
  }
  const older = olderFile(file);
  await writeFile(`${older}.new`, await endOf(file, keptBytes), { mode: 0o600 });
  await rename(`${older}.new`, older);
  await truncate(file, 0);
}

/**
 * The last lines. Of two streams nobody knows which line came first: those of stderr stand last, since they tell why
 * something ended, and have half of the room when both have much to say.
 */
export async function lastOutput(folder: string, lines: number): Promise<string> {
  const errors = await lastOf(errorFile(folder), lines);
  const output = await lastOf(outputFile(folder), lines);
  const half = Math.ceil(lines / 2);
  const forErrors = Math.min(count(errors), Math.max(half, lines - count(output)));
  const shown = lastLines(output, lines - forErrors);
  const between = shown === '' || shown.endsWith('\n') || forErrors === 0 ? '' : '\n';
  return shown + between + lastLines(errors, forErrors);
}

async function lastOf(file: string, lines: number): Promise<string> {
  const current = lastLines((await endOf(file, keptBytes)).toString(), lines);
  const missing = lines - count(current);
  return missing > 0 ? lastLines((await endOf(olderFile(file), keptBytes)).toString(), missing) + current : current;
}

/** Reads what has been added since the last call, whole characters at a time. */
export class OutputReader {
  readonly #file: string;
  readonly #decoder = new StringDecoder('utf8');
  #offset = 0;

  constructor(folder: string) {
    this.#file = outputFile(folder);
  }

  async readOn(take: (text: string) => void): Promise<void> {
    const handle = await open(this.#file, 'r').catch(() => null);
    if (handle === null) return;
    try {
      if ((await handle.stat()).size < this.#offset) this.#offset = 0;
      const piece = Buffer.alloc(pieceBytes);
      for (;;) {
        const { bytesRead } = await handle.read(piece, 0, pieceBytes, this.#offset);
        if (bytesRead === 0) return;
        this.#offset += bytesRead;
        const text = this.#decoder.write(piece.subarray(0, bytesRead));
        if (text !== '') take(text);
      }
    } finally {
      await handle.close();
    }
  }
}

function lastLines(text: string, lines: number): string {
  const end = text.endsWith('\n') ? '\n' : '';
  const all = text.slice(0, text.length - end.length).split('\n');
  return lines > 0 && text !== '' ? all.slice(-lines).join('\n') + end : '';
}

function count(text: string): number {
  if (text === '') return 0;
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

async function endOf(file: string, bytes: number): Promise<Buffer> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return Buffer.alloc(0);
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, bytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
