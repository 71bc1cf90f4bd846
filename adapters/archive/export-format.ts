import type { ForkMark } from '../../core/log/fork-mark.ts';
import type { Head } from '../../core/log/log-port.ts';

export const exportVersion = 1;

/**
 * An export is text, one JSON object a line: this header, then events as they are stored, each with its hash as the last
 * field, each payload (`{"blob": <sha256>, "text": …}`) before the first event that names it, and at last the trailer.
 * Where task events were deleted, `{"segment": …}` says of which range before it begins, and `{"gap": …}` stands in the
 * place of the events, so that the chain goes on.
 */
export interface ExportHeader {
  readonly format: 'ploinky-export';
  readonly v: number;
  readonly cloudId: string | null;
  readonly logId: string;
  /** Set where the log was a fork itself. */
  readonly fork: ForkMark | null;
  readonly from: number;
  readonly to: number;
  /** Hash that event `from` is chained to. */
  readonly previousHash: string;
  /** ISO 8601. */
  readonly madeAt: string;
  /** Of Ploinky. */
  readonly version: string;
}

/** The line `{"trailer": …}`, without which an export is not whole. */
export interface ExportTrailer {
  readonly events: number;
  readonly blobs: number;
  /** Payloads that events name and that could not be read. */
  readonly missing: readonly string[];
  /** The last event in it. */
  readonly head: Head;
}

export function isExportHeader(value: unknown): value is ExportHeader {
  if (typeof value !== 'object' || value === null) return false;
  const { format, v, logId, from, to, previousHash } = value as Partial<ExportHeader>;
  return (
    format === 'ploinky-export' &&
    Number.isSafeInteger(v) &&
    typeof logId === 'string' &&
    Number.isSafeInteger(from) &&
    Number.isSafeInteger(to) &&
    typeof previousHash === 'string'
  );
}

export function isExportTrailer(value: unknown): value is ExportTrailer {
  if (typeof value !== 'object' || value === null) return false;
  const { events, missing, head } = value as Partial<ExportTrailer>;
  return Number.isSafeInteger(events) && Array.isArray(missing) && typeof head === 'object' && head !== null;
}
