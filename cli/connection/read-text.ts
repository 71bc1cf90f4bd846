import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Surroundings } from '../surroundings.ts';
import { readStdin } from './read-stdin.ts';

/** A file as text; `-` is stdin. @throws PloinkyError FILE_UNREADABLE */
export async function readText(surroundings: Surroundings, file: string): Promise<string> {
  if (file === '-') return readStdin(surroundings);
  try {
    return await readFile(resolve(surroundings.cwd, file), 'utf8');
  } catch (error) {
    throw new PloinkyError('FILE_UNREADABLE', `${file} cannot be read: ${(error as Error).message}.`, { cause: error });
  }
}
