import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { type BlobStore, blobsOf } from '../../core/log/blob-port.ts';
import { exportLine, hashedJson } from '../../core/log/event-line.ts';
import type { LevelLog } from '../../core/log/level-log.ts';
import { chain, genesisHash } from '../../core/log/record.ts';
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
  for await (const event of log.read({ from, to })) {
    requireNext(last, event.seq);
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

function requireNext({ seq }: { readonly seq: number }, found: number): void {
  if (found === seq + 1) return;
  const message = `The events ${seq + 1} to ${found - 1} were deleted, so no export can hold them.`;
  throw new PloinkyError('EVENT_NOT_FOUND', message, {
    hint: `Export what follows, with --from ${found}, or save all there is with \`p-cli cloud backup\`.`,
  });
}

function text(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
