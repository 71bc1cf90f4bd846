import { open, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

const longestLog = 16 * 1024 * 1024;
/** Of what is cut off, this much stays readable. */
const keptBytes = 1024 * 1024;
const pieceBytes = 64 * 1024;

/** Where both streams of the program go. */
export function outputFile(folder: string): string {
  return join(folder, 'output', 'output.log');
}

/** What was cut off last. */
function olderFile(folder: string): string {
  return join(folder, 'output', 'older.log');
}

/**
 * Cuts the output when it grew too long; its end is kept in a second file. The program appends, so that it goes on
 * at the new end; what it writes in the very moment of the cut is lost.
 */
export async function limitOutput(folder: string, limit: number = longestLog): Promise<void> {
  const file = outputFile(folder);
  const found = await stat(file).catch(() => null);
  if (found === null || found.size <= limit) return;
  const older = olderFile(folder);
  await writeFile(`${older}.new`, await endOf(file, keptBytes), { mode: 0o600 });
  await rename(`${older}.new`, older);
  await truncate(file, 0);
}

/** The last lines, as they were written. */
export async function lastOutput(folder: string, lines: number): Promise<string> {
  const current = lastLines((await endOf(outputFile(folder), keptBytes)).toString(), lines);
  const missing = lines - count(current);
  return missing > 0 ? lastLines((await endOf(olderFile(folder), keptBytes)).toString(), missing) + current : current;
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
