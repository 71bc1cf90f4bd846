import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Surroundings } from '../surroundings.ts';

const limitBytes = 1024 * 1024;

/**
 * All of stdin as text, at most 1 MiB.
 * @throws PloinkyError USAGE where stdin is taken, FILE_UNREADABLE where it is too long
 */
export async function readStdin(surroundings: Surroundings): Promise<string> {
  const bytes = await readStdinBytes(surroundings, limitBytes);
  if (bytes === null) throw new PloinkyError('FILE_UNREADABLE', 'More than 1 MiB came on stdin.');
  return bytes.toString('utf8');
}

/** All of stdin; null where it is longer. @throws PloinkyError USAGE where stdin is taken */
export async function readStdinBytes(surroundings: Surroundings, limit: number): Promise<Buffer | null> {
  if (!surroundings.stdin) {
    throw new PloinkyError('USAGE', 'Here stdin is the list of commands; nothing else can be read from it.');
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of surroundings.stdin) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > limit) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
