import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { writeSynced } from '../../core/files/place-file.ts';
import { syncFolder } from '../../core/files/sync-folder.ts';

export const keyVariable = 'PLOINKY_SECRET_KEY';
const keyBytes = 32;

export interface KeyPlace {
  /** `<data>/secrets.key`. */
  readonly file: string;
  /** PLOINKY_SECRET_KEY of the server; wins over the file. */
  readonly given: string | undefined;
}

/**
 * The key to the secrets, read anew each time: whoever takes the file away has taken the key away.
 * @returns null where there is none
 * @throws PloinkyError SECRET_KEY_INVALID, SECRET_KEY_EXPOSED
 */
export async function readKey({ file, given }: KeyPlace): Promise<Buffer | null> {
  if (given !== undefined && given !== '') return parseKey(given, keyVariable);
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new PloinkyError('SECRET_KEY_INVALID', `${file} cannot be read (${error.code}).`, { cause: error });
  });
  if (!handle) return null;
  try {
    await refuseExposed(handle, file);
    return parseKey(await handle.readFile('utf8'), file);
  } finally {
    await handle.close();
  }
}

/** A new key in its file, which appears whole or not at all. Where somebody was faster, that one's key. */
export async function makeKey(place: KeyPlace): Promise<Buffer> {
  const staged = `${place.file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeSynced(staged, `${randomBytes(keyBytes).toString('base64')}\n`, 'wx');
    await link(staged, place.file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(staged, { force: true });
  }
  await syncFolder(dirname(place.file));
  const key = await readKey(place);
  if (!key) throw new PloinkyError('SECRET_KEY_MISSING', `${place.file} was made and is not there.`);
  return key;
}

/** Hex or base64, also the one for addresses. The text is never repeated: it may be all but right. */
function parseKey(text: string, where: string): Buffer {
  const trimmed = text.trim();
  const key = /^[0-9a-fA-F]{64}$/.test(trimmed)
    ? Buffer.from(trimmed, 'hex')
    : /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)
      ? Buffer.from(trimmed, 'base64')
      : null;
  if (key?.length === keyBytes) return key;
  throw new PloinkyError('SECRET_KEY_INVALID', `${where} does not hold 32 bytes in hex or base64.`);
}

async function refuseExposed(handle: FileHandle, file: string): Promise<void> {
  // Elsewhere a mode says nothing about who may read.
  if (process.platform === 'win32') return;
  const mode = (await handle.stat()).mode & 0o777;
  if ((mode & 0o077) === 0) return;
  throw new PloinkyError(
    'SECRET_KEY_EXPOSED',
    `${file} has the mode ${mode.toString(8).padStart(4, '0')}, so others than its owner may use the key.`,
    { hint: `Run \`chmod 600 ${file}\`; rotate the secrets if somebody may have read it.` },
  );
}
