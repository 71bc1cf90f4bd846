import { readFile } from 'node:fs/promises';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';

/**
 * A JSON file, or undefined when there is none.
 * @throws PloinkyError FILE_UNREADABLE
 */
export async function readJsonFile(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new PloinkyError('FILE_UNREADABLE', `${path} cannot be read: ${(error as Error).message}.`, { cause: error });
  }
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    // The message of JSON.parse quotes the text, which may be a secret here.
    throw new PloinkyError('FILE_UNREADABLE', `${path} is no valid JSON.`, { cause: error });
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
