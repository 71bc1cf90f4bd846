import { nanoid } from 'nanoid';
import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import { LogBuilder } from '../../core/log/build-log.ts';
import type { LogFormat } from '../../core/log/database.ts';
import { createFileBlobStore } from '../../core/log/file-blobs.ts';
import type { ExportHeader } from './export-format.ts';
import { makeDataFolder } from './new-folder.ts';
import { type ReadExport, readExport } from './read-export.ts';

export interface ImportSource {
  /** How the export is named in errors. */
  readonly label: string;
  readonly lines: AsyncIterable<string>;
  /** What the new log says of itself. */
  readonly format: (read: ReadExport) => LogFormat;
  readonly onProgress: (done: number, of: number) => void;
}

/**
 * Makes a data folder out of an export, with the same events, hashes and payloads.
 * @param data where the folder goes; nothing may be there
 * @throws PloinkyError ARCHIVE_DAMAGED saying how far the export is good, ARCHIVE_INVALID, LOG_EXISTS, FILE_UNWRITABLE
 */
export function importLog(data: string, { label, lines, format, onProgress }: ImportSource): Promise<ReadExport> {
  return makeDataFolder(data, async (folder) => {
    const builder = await LogBuilder.begin(folder);
    const blobs = createFileBlobStore(folder);
    let of = 0;
    try {
      const read = await readExport(label, lines, {
        header(header) {
          requireWhole(label, header);
          of = header.to;
        },
        async event(line, seq) {
          await builder.add(line);
          onProgress(seq, of);
        },
        async blob(text) {
          await blobs.put(text);
        },
        segment: (manifest) => builder.beginDeleted(manifest),
        async gap(gap, keyframe) {
          await builder.skip(gap, keyframe);
        },
      });
      // Holds deleted ranges against the events that tell of them as well.
      const head = await builder.check();
      if (head.seq !== read.trailer.head.seq || head.hash !== read.trailer.head.hash) throw changedRanges(label, null);
      await builder.finish(format(read), head);
      return read;
    } catch (error) {
      await builder.abandon();
      throw isPloinkyError(error, 'LOG_DAMAGED') ? changedRanges(label, error) : error;
    }
  });
}

/** A log of its own, which says what it is a copy of. */
export function forkOf({ header, trailer }: ReadExport): LogFormat {
  return { logId: nanoid(), fork: { logId: header.logId, ...trailer.head, madeAt: new Date().toISOString() } };
}

/** Every event in it was found good before; what stands for deleted ones is proven by all of them together. */
function changedRanges(label: string, cause: PloinkyError | null): PloinkyError {
  const message = `The export ${label} is damaged: its deleted ranges were changed; nothing was made of it.`;
  return new PloinkyError('ARCHIVE_DAMAGED', message, cause ? { cause, details: cause.details } : {});
}

function requireWhole(label: string, { from, to }: ExportHeader): void {
  if (from === 1 && to >= 1) return;
  const found = to < 1 ? 'holds no event' : `begins with event ${from}`;
  throw new PloinkyError('ARCHIVE_INVALID', `The export ${label} ${found}; a log begins with event 1.`, {
    hint: 'Export it again without --from.',
  });
}
