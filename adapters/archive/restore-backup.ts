import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { LogBuilder } from '../../core/log/build-log.ts';
import { seqOfGroupKey } from '../../core/log/keys.ts';
import type { Head } from '../../core/log/log-port.ts';
import type { BackupHeader, BackupTrailer } from './backup-format.ts';
import { unbundle } from './bundle-repositories.ts';
import { makeDataFolder } from './new-folder.ts';
import { BackupBroken, readBackup } from './read-backup.ts';
import { contentOf, type TarEntry } from './tar.ts';

export interface Restored {
  readonly header: BackupHeader;
  readonly trailer: BackupTrailer;
}

type OnProgress = (stage: 'records' | 'check', done: number, of: number | null) => void;

/**
 * Makes a data folder out of a backup, with the same events, hashes and payloads. Everything in it is verified.
 * @param data where the folder goes; nothing may be there
 * @throws PloinkyError ARCHIVE_DAMAGED saying how far the file is good, ARCHIVE_INVALID, LOG_EXISTS, FILE_UNREADABLE
 */
export async function restoreBackup(file: string, data: string, onProgress: OnProgress): Promise<Restored> {
  await access(file).catch((error: unknown) => {
    const message = `The backup ${file} cannot be read: ${(error as Error).message}.`;
    throw new PloinkyError('FILE_UNREADABLE', message, { cause: error });
  });
  return makeDataFolder(data, (folder) => fill(folder, file, onProgress));
}

async function fill(folder: string, file: string, onProgress: OnProgress): Promise<Restored> {
  const builder = await LogBuilder.begin(folder);
  let head: Head | null = null;
  let description = '';
  try {
    const read = await readBackup(basename(file), createReadStream(file) as AsyncIterable<Buffer>, {
      header(header) {
        head = header.head;
      },
      async records(records) {
        await builder.put(records);
        const last = records.findLast(([key]) => key.startsWith('e!'));
        if (last && head) onProgress('records', Math.min(head.seq, seqOfGroupKey(last[0])), head.seq);
      },
      async file(kind, name, entry) {
        if (kind !== 'repositories') return placeFile(folder, kind, name, entry);
        if (name.endsWith('.txt')) {
          description = (await contentOf(entry)).toString('utf8');
          return;
        }
        const bundle = join(folder, 'bundle');
        await writeEntry(bundle, entry);
        await unbundle(join(folder, 'repos'), name.replace(/\.bundle$/, ''), bundle, description).catch((error) => {
          throw new BackupBroken(`a Git repository in it cannot be read (${(error as Error).message.trim()})`);
        });
        await rm(bundle);
      },
    });
    const of = read.header.head.seq;
    const found = await builder.check((seq) => onProgress('check', seq, of));
    if (found.seq !== of || found.hash !== read.header.head.hash) throw new BackupBroken('its last event was changed');
    await builder.finish({ ...(await builder.format()), logId: read.header.logId }, found);
    return read;
  } catch (error) {
    const good = await goodUpTo(builder);
    await builder.abandon();
    const damaged = error instanceof BackupBroken || (error instanceof PloinkyError && error.code === 'LOG_DAMAGED');
    if (!damaged || head === null) throw error;
    throw damagedBackup(basename(file), error, good, (head as Head).seq);
  }
}

/** Blobs under their hash, everything else as it was named. */
async function placeFile(folder: string, kind: string, name: string, entry: TarEntry): Promise<void> {
  const path = join(folder, kind, ...(kind === 'blobs' ? [name.slice(0, 2)] : []), name);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const sha256 = await writeEntry(path, entry);
  if (kind === 'blobs' && sha256 !== name) throw new BackupBroken(`the payload ${name} in it was changed`);
}

/** Answers with the SHA-256 of what was written. */
async function writeEntry(path: string, entry: TarEntry): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(path, 'wx', 0o600);
  try {
    for await (const piece of entry.content()) {
      hash.update(piece);
      await handle.write(piece);
    }
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

/** The last event of the chain that is good from event 1 on. */
async function goodUpTo(builder: LogBuilder): Promise<number> {
  try {
    return (await builder.check()).seq;
  } catch (error) {
    const { from } = ((error as PloinkyError).details ?? {}) as { from?: unknown };
    return typeof from === 'number' ? from - 1 : 0;
  }
}

function damagedBackup(label: string, error: Error, good: number, of: number): PloinkyError {
  const what = error instanceof BackupBroken ? error.message : 'its events were changed';
  const message = `The backup ${label} is damaged: ${what}. It is good up to event ${good} of ${of}; nothing was restored.`;
  return new PloinkyError('ARCHIVE_DAMAGED', message, { cause: error, details: { good, of } });
}
