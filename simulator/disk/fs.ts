/** In place of `node:fs`, in the modules of the server. What is not here is the real one. */
export * from 'node:fs';

import { surroundings } from '../ground/current.ts';
import { systemError } from './disk.ts';
import { statOf } from './fs-promises.ts';

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
