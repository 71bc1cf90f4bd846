import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import { patientMs } from '../connection/api.ts';
import { t, tick } from '../terminal/text.ts';

/** `cloud logs download` */
export async function downloadLog({ session, args: [date = ''] }: Invocation): Promise<void> {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) {
    throw new PloinkyError('USAGE', `${JSON.stringify(date)} is no day.`, { hint: 'Give one such as 2026-11-21.' });
  }
  const name = `p-cloud-${date}.log.gz`;
  const path = join(session.surroundings.cwd, name);
  const partial = `${path}.part`;
  const api = await session.api();
  const body = await api.stream('GET', '/management/api/logs/download', { query: { date }, timeoutMs: patientMs });
  try {
    // Open before anything can fail: a stream that opens its file itself may do so after the file was removed again.
    const file = await open(partial, 'w', 0o600);
    await pipeline(body, file.createWriteStream(), { signal: session.surroundings.signal });
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw new PloinkyError('FILE_UNWRITABLE', `The log could not be saved as ${name}: ${(error as Error).message}.`, {
      cause: error,
    });
  }
  session.out.result({ date, file: path }, () => t`${tick} Saved ${name}`);
}
