import type { Head } from '../../core/log/log-port.ts';

/** Number of the form that is written; raised when older readers could not read it any more. */
export const backupVersion = 1;

/**
 * A backup is a compressed tar: `header.json`, `segments/…` (sealed events), `records/…` (the database, one
 * `[key, value]` a line, in order), `blobs/…`, `secrets/…` (ciphertext), `repositories/…` (Git bundles), and at last
 * `trailer.json`, without which it is not whole. Keys and tokens are never in it.
 */
export interface BackupHeader {
  readonly format: 'ploinky-backup';
  readonly v: number;
  readonly cloudId: string | null;
  readonly logId: string;
  readonly head: Head;
  /** ISO 8601. */
  readonly madeAt: string;
  /** Of Ploinky. */
  readonly version: string;
}

export interface BackupTrailer {
  readonly records: number;
  readonly blobs: number;
  readonly segments: number;
  readonly secrets: number;
  readonly repositories: number;
  /** What could not be read and is not in it. */
  readonly skipped: readonly string[];
  /** SHA-256 of every byte of the tar before this entry. */
  readonly sha256: string;
}

export const headerName = 'header.json';
export const trailerName = 'trailer.json';

export function isBackupHeader(value: unknown): value is BackupHeader {
  if (typeof value !== 'object' || value === null) return false;
  const { format, v, logId, head } = value as Partial<BackupHeader>;
  return (
    format === 'ploinky-backup' &&
    Number.isSafeInteger(v) &&
    typeof logId === 'string' &&
    typeof head === 'object' &&
    head !== null &&
    Number.isSafeInteger(head.seq) &&
    typeof head.hash === 'string'
  );
}

export function isBackupTrailer(value: unknown): value is BackupTrailer {
  if (typeof value !== 'object' || value === null) return false;
  const { sha256, records, skipped } = value as Partial<BackupTrailer>;
  return typeof sha256 === 'string' && Number.isSafeInteger(records) && Array.isArray(skipped);
}
