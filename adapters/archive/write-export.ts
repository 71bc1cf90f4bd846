import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { type BlobStore, blobsOf } from '../../core/log/blob-port.ts';
import { exportLine } from '../../core/log/event-line.ts';
import { firstSeqOf, isGap, keyframeOf } from '../../core/log/gap.ts';
import type { LevelLog } from '../../core/log/level-log.ts';
import { chain, genesisHash, hashedJson } from '../../core/log/record.ts';
import type { StoredSegment } from '../../core/log/segment-manifest.ts';
import { type ExportHeader, type ExportTrailer, exportVersion } from './export-format.ts';

export interface ExportSource {
  readonly log: LevelLog;
  readonly blobs: BlobStore;
  readonly from: number;
  readonly to: number;
  readonly cloudId: string | null;
  readonly version: string;
  /** ISO 8601. */
  readonly madeAt: string;
}

/**
 * The lines of an export, each with its line break. Every hash is checked on the way, so that an export that ends with
 * its trailer is proof of what it holds.
 * @throws PloinkyError LOG_DAMAGED naming the first event that does not fit
 */
export async function* writeExport(source: ExportSource): AsyncGenerator<string> {
  const { log, blobs, from, to, cloudId, version, madeAt } = source;
  const { logId, fork } = log.format;
  const previousHash = from <= 1 ? genesisHash : await log.hashAt(from - 1);
  const about = { cloudId, logId, fork, from, to, previousHash, madeAt, version };
  yield text({ format: 'ploinky-export', v: exportVersion, ...about } satisfies ExportHeader);
  const told = new Set<string>();
  const missing: string[] = [];
  let last = { seq: from - 1, hash: previousHash };
  const deleted = await deletedIn(log, from, to);
  for await (const event of log.read({ from, to })) {
    while (deleted[0] && deleted[0].from <= firstSeqOf(event)) yield text({ segment: deleted.shift() });
    if (isGap(event)) {
      const { from: first, to: end } = event.data;
      const gap = { from: first, to: end, before: last.hash, last: event.hash, time: event.time };
      yield text({ gap, keyframe: keyframeOf(event) });
      last = { seq: end, hash: event.hash };
      continue;
    }
    if (chain(last.hash, hashedJson(event)) !== event.hash) {
      throw new PloinkyError('LOG_DAMAGED', `Event ${event.seq} was changed: its hash does not fit its content.`, {
        details: { from: event.seq, to: event.seq },
      });
    }
    for (const reference of blobsOf(event.data)) {
      if (told.has(reference.$blob)) continue;
      told.add(reference.$blob);
      const content = await blobs.get(reference).catch(() => null);
      if (content === null) missing.push(reference.$blob);
      else yield text({ blob: reference.$blob, text: content });
    }
    yield `${exportLine(event)}\n`;
    last = { seq: event.seq, hash: event.hash };
  }
  const trailer: ExportTrailer = {
    events: last.seq - from + 1,
    blobs: told.size - missing.length,
    missing,
    head: last,
  };
  yield text({ trailer });
}

/**
 * Segments in the range whose files were deleted. The chain passes over them; what proves that they were deleted, and by
 * whom, is an event further on, without which nobody could tell them from events that were lost.
 */
async function deletedIn(log: LevelLog, from: number, to: number): Promise<StoredSegment[]> {
  const segments = (await log.segments.list()).filter((one) => one.deletion && one.from <= to && one.to >= from);
  for (const { from: first, to: last, deletion } of segments) {
    const details = { from: first, to: last, deletion };
    const range = `Task events among ${first} to ${last} were deleted`;
    if (first < from) {
      throw new PloinkyError('EVENTS_DELETED', `${range}, so nothing can begin in their midst.`, {
        hint: `Begin with event 1, or with event ${last + 1} or later.`,
        details,
      });
    }
    if (deletion && deletion.seq > to) {
      throw new PloinkyError('EVENTS_DELETED', `${range}, which event ${deletion.seq} tells of; this ends before it.`, {
        hint: `Name event ${deletion.seq} or a later moment, or use a backup of that time.`,
        details,
      });
    }
  }
  return segments;
}

function text(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
