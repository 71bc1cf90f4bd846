import { createHash } from 'node:crypto';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { blobsOf } from '../../core/log/blob-port.ts';
import { splitExportLine } from '../../core/log/event-line.ts';
import type { Gap, Keyframe } from '../../core/log/gap.ts';
import { chain, decodeLine } from '../../core/log/record.ts';
import type { StoredSegment } from '../../core/log/segment-manifest.ts';
import {
  type ExportHeader,
  type ExportTrailer,
  exportVersion,
  isExportHeader,
  isExportTrailer,
} from './export-format.ts';

/** What is done with the parts of an export as they come. */
export interface ExportVisitor {
  header?(header: ExportHeader): void;
  /** As a log stores it; it follows from the one before. */
  event?(line: string, seq: number): Promise<void> | void;
  blob?(text: string): Promise<void> | void;
  /** A range begins of which task events were deleted. */
  segment?(manifest: StoredSegment): Promise<void> | void;
  /** Deleted events; what comes next is chained to the last of them. */
  gap?(gap: Gap, keyframe: Keyframe | null): Promise<void> | void;
}

export interface ReadExport {
  readonly header: ExportHeader;
  readonly trailer: ExportTrailer;
}

/**
 * Reads an export to its end and verifies it: numbers, hashes, payloads.
 * @param label how errors name where it comes from: the file's name, or `from stdin`
 * @throws PloinkyError ARCHIVE_INVALID when it is none; ARCHIVE_DAMAGED saying how far it is good; what the visitor throws
 */
export async function readExport(
  label: string,
  lines: AsyncIterable<string>,
  visitor: ExportVisitor,
): Promise<ReadExport> {
  let header: ExportHeader | null = null;
  let trailer: ExportTrailer | null = null;
  let last = { seq: 0, hash: '' };
  const blobs = new Set<string>();
  const named = new Map<string, number>();
  const damaged = (what: string) => {
    const { seq } = last;
    const { from = 1, to = 0 } = header ?? {};
    const good = seq < from ? 'No event in it is good' : `It is good up to event ${seq} of ${to}`;
    const message = `The export ${label} is damaged: ${what}. ${good}; nothing was made of it.`;
    return new PloinkyError('ARCHIVE_DAMAGED', message, { details: { good: seq, of: to } });
  };
  for await (const line of lines) {
    if (!header) {
      header = readHeader(label, line);
      last = { seq: header.from - 1, hash: header.previousHash };
      visitor.header?.(header);
      continue;
    }
    if (trailer) throw damaged('something follows its end');
    const parts = splitExportLine(line);
    if (parts) {
      const stored = `${parts.hash} ${parts.json}`;
      const seq = last.seq + 1;
      const event = chain(last.hash, parts.json) === parts.hash ? decodeLine(stored, seq) : null;
      if (!event) throw damaged(`its event ${seq} is missing or was changed`);
      for (const { $blob } of blobsOf(event.data)) if (!named.has($blob)) named.set($blob, seq);
      await visitor.event?.(stored, seq);
      last = { seq, hash: parts.hash };
      continue;
    }
    const value = parsed(line);
    if (typeof value?.blob === 'string' && typeof value.text === 'string') {
      if (createHash('sha256').update(value.text).digest('hex') !== value.blob) {
        throw damaged(`the payload ${value.blob} in it was changed`);
      }
      blobs.add(value.blob);
      await visitor.blob?.(value.text);
    } else if (isSegment(value?.segment)) await visitor.segment?.(value.segment);
    else if (isGapOf(value?.gap)) {
      const { gap } = value;
      if (gap.from !== last.seq + 1 || gap.before !== last.hash)
        throw damaged(`what follows event ${last.seq} was changed`);
      await visitor.gap?.(gap, (value.keyframe ?? null) as Keyframe | null);
      last = { seq: gap.to, hash: gap.last };
    } else if (isExportTrailer(value?.trailer)) trailer = value.trailer;
    else throw damaged(value === null ? 'it is cut off or was changed' : 'it holds a line that none has');
  }
  if (!header) throw notOne(label);
  if (!trailer) throw damaged('it ends too early');
  if (trailer.head.seq !== last.seq || trailer.head.hash !== last.hash || header.to !== last.seq) {
    throw damaged('events at its end are missing');
  }
  const missing = new Set(trailer.missing);
  for (const [blob, seq] of named) {
    if (!blobs.has(blob) && !missing.has(blob)) throw damaged(`the payload ${blob} of event ${seq} is missing`);
  }
  return { header, trailer };
}

function readHeader(label: string, line: string): ExportHeader {
  const header = parsed(line);
  if (!isExportHeader(header)) throw notOne(label);
  if (header.v <= exportVersion) return header;
  const message = `The export ${label} is of version ${header.v}; this Ploinky reads version ${exportVersion}.`;
  throw new PloinkyError('ARCHIVE_INVALID', message, {
    hint: 'Use the version of Ploinky that wrote it, or a newer one.',
  });
}

/** Null when the line is no JSON object. */
function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function isSegment(value: unknown): value is StoredSegment {
  const { from, to, outline } = (value ?? {}) as Partial<StoredSegment>;
  return Number.isSafeInteger(from) && Number.isSafeInteger(to) && typeof outline === 'string';
}

function isGapOf(value: unknown): value is Gap {
  const { from, to, before, last } = (value ?? {}) as Partial<Gap>;
  const numbers = Number.isSafeInteger(from) && Number.isSafeInteger(to) && Number(to) >= Number(from);
  return numbers && typeof before === 'string' && typeof last === 'string';
}

function notOne(label: string): PloinkyError {
  return new PloinkyError(
    'ARCHIVE_INVALID',
    `The input ${label} is no export of Ploinky: its first line is not the head of one.`,
  );
}
