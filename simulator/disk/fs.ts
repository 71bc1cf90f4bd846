/** In place of `node:fs`, in the modules of the server. What is not here cannot be imported. */
import { Readable } from 'node:stream';

import { surroundings } from '../ground/current.ts';
import { systemError } from './disk.ts';
import { readFile, statOf } from './fs-promises.ts';

export { constants } from 'node:fs';

export function createReadStream(path: string): Readable {
  return Readable.from(
    (async function* read() {
      yield await readFile(path);
    })(),
  );
}

export function existsSync(path: string): boolean {
  return surroundings().disk.find(path) !== undefined;
}

export function readdirSync(path: string): string[] {
  return [...surroundings().disk.folder(path, 'scandir').entries.keys()].sort();
}

export function readFileSync(path: string, encoding?: BufferEncoding): string | Buffer {
  const entry = surroundings().disk.need(path, 'open');
  if (entry.kind !== 'file') throw systemError('EISDIR', 'read', path);
  return encoding ? entry.bytes.toString(encoding) : entry.bytes;
}

export function statSync(path: string) {
  return statOf(surroundings().disk.need(path, 'stat'));
}

export function unlinkSync(path: string): void {
  surroundings().disk.need(path, 'unlink');
  surroundings().disk.remove(path);
}
