import { createHash } from 'node:crypto';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { RawRecord } from '../../core/log/snapshot.ts';
import {
  type BackupHeader,
  type BackupTrailer,
  backupVersion,
  headerName,
  isBackupHeader,
  isBackupTrailer,
  trailerName,
} from './backup-format.ts';
import { gunzipped } from './gunzip.ts';
import { contentOf, readTar, type TarEntry } from './tar.ts';

/** What is done with the parts of a backup as they come. */
export interface BackupVisitor {
  header?(header: BackupHeader): Promise<void> | void;
  records?(records: readonly RawRecord[]): Promise<void> | void;
  /** `folder` is segments, blobs, secrets or repositories; `name` is safe as a path below it. */
  file?(folder: string, name: string, entry: TarEntry): Promise<void> | void;
}

/** What is wrong with a file that began as a backup. */
export class BackupBroken extends Error {}

const folders = new Set(['segments', 'blobs', 'secrets', 'repositories']);

/**
 * Reads a backup to its end, which is the only place that tells that it is whole.
 * @param label how the file is named in errors
 * @throws PloinkyError ARCHIVE_INVALID when it is no backup; BackupBroken, or what the visitor throws
 */
export async function readBackup(
  label: string,
  source: AsyncIterable<Buffer>,
  visitor: BackupVisitor,
): Promise<{ readonly header: BackupHeader; readonly trailer: BackupTrailer }> {
  const hash = createHash('sha256');
  let header: BackupHeader | null = null;
  let trailer: BackupTrailer | null = null;
  const found = { records: 0, blobs: 0, segments: 0, secrets: 0, repositories: 0 };
  try {
    for await (const entry of readTar(gunzipped(source), (bytes) => hash.update(bytes))) {
      if (!header) {
        header = await readHeader(label, entry);
        await visitor.header?.(header);
        continue;
      }
      if (trailer) throw new BackupBroken('something follows its end');
      if (entry.name === trailerName) {
        const sha256 = hash.copy().digest('hex');
        trailer = readTrailer(await contentOf(entry));
        if (trailer.sha256 !== sha256) throw new BackupBroken('its content does not fit its checksum');
        continue;
      }
      const [folder = '', ...names] = entry.name.split('/');
      const name = names.join('/');
      // Secrets are one level deeper: a folder for each, with its versions.
      if (names.length < 1 || names.length > (folder === 'secrets' ? 2 : 1) || !names.every(isSafe))
        throw new BackupBroken('it holds a file with a name that none has');
      if (folder === 'records') {
        const records = readRecords(await contentOf(entry));
        found.records += records.length;
        await visitor.records?.(records);
      } else if (folders.has(folder)) {
        if (folder !== 'repositories' || name.endsWith('.bundle')) found[folder as keyof typeof found] += 1;
        await visitor.file?.(folder, name, entry);
      } else throw new BackupBroken('it holds a file with a name that none has');
    }
  } catch (error) {
    if (error instanceof PloinkyError) throw error;
    if (!header) throw notOne(label, error);
    throw error instanceof BackupBroken ? error : new BackupBroken(reasonOf(error as Error), { cause: error });
  }
  if (!header) throw notOne(label, null);
  if (!trailer) throw new BackupBroken('it ends too early');
  for (const [name, count] of Object.entries(found)) {
    if (trailer[name as keyof typeof found] !== count) throw new BackupBroken(`some of its ${name} are missing`);
  }
  return { header, trailer };
}

async function readHeader(label: string, entry: TarEntry): Promise<BackupHeader> {
  if (entry.name !== headerName || entry.size > 64 * 1024) throw notOne(label, null);
  const header: unknown = JSON.parse((await contentOf(entry)).toString('utf8'));
  if (!isBackupHeader(header)) throw notOne(label, null);
  if (header.v > backupVersion) {
    const message = `${label} is a backup of version ${header.v}; this Ploinky reads version ${backupVersion}.`;
    throw new PloinkyError('ARCHIVE_INVALID', message, {
      hint: 'Use the version of Ploinky that wrote it, or a newer one.',
    });
  }
  return header;
}

function readTrailer(content: Buffer): BackupTrailer {
  const trailer: unknown = JSON.parse(content.toString('utf8'));
  if (!isBackupTrailer(trailer)) throw new BackupBroken('its end was changed');
  return trailer;
}

function readRecords(content: Buffer): RawRecord[] {
  const lines = content.toString('utf8').split('\n');
  lines.pop();
  return lines.map((line) => {
    const record: unknown = JSON.parse(line);
    const fits = Array.isArray(record) && record.length === 2 && record.every((part) => typeof part === 'string');
    if (!fits) throw new BackupBroken('a record in it was changed');
    return record as unknown as RawRecord;
  });
}

function isSafe(name: string): boolean {
  return /^[0-9A-Za-z_][0-9A-Za-z_.-]*$/.test(name) && name.length <= 90;
}

function reasonOf(error: Error & { code?: string }): string {
  if (error.code === 'Z_BUF_ERROR') return 'it ends too early';
  if (error.code?.startsWith('Z_') || error instanceof SyntaxError) return 'its content was changed';
  return error.message;
}

function notOne(label: string, cause: unknown): PloinkyError {
  const message = `${label} is no backup of Ploinky, or was cut off or changed within its first bytes.`;
  return new PloinkyError('ARCHIVE_INVALID', message, cause === null ? {} : { cause });
}
