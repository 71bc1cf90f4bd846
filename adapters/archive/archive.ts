import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { type Step, steps } from '../../core/clock/steps.ts';
import type { BlobStore } from '../../core/log/blob-port.ts';
import { type Checked, checkLog } from '../../core/log/check-log.ts';
import type { LevelLog } from '../../core/log/level-log.ts';
import type { Head } from '../../core/log/log-port.ts';
import { naming } from './repair/good-up-to.ts';
import { writeBackup } from './write-backup.ts';
import { writeExport } from './write-export.ts';

/** What may be done with a log as a whole while its server runs. */
export interface Archive {
  /**
   * Every number and hash up to the head of now, the anchor, and with `blobs` the payloads that events name.
   * @throws PloinkyError LOG_DAMAGED naming the first bad event, ANCHOR_MISMATCH, BLOB_MISSING
   */
  verify(options: VerifyOptions): AsyncGenerator<Step, Checked>;

  /** A whole backup, compressed, of the instant in which it begins. An error ends the stream early. */
  backup(options: BackupOptions): Readable;

  /**
   * Events, with the payloads that they name, as lines of text; see `ExportHeader`.
   * @throws PloinkyError LOG_DAMAGED naming the first event that does not fit
   */
  export(range: { readonly from: number; readonly to: number }): AsyncGenerator<string>;
}

export interface BackupOptions {
  /** Also the Git mirrors. */
  readonly repositories: boolean;
}

const exportPiece = 64 * 1024;

export interface VerifyOptions {
  readonly anchor?: Head | undefined;
  readonly blobs: boolean;
}

export interface ArchiveParts {
  readonly log: LevelLog;
  readonly blobs: BlobStore;
  /** The data folder. */
  readonly folder: string;
  /** Of Ploinky. */
  readonly version: string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Keeps what is copied from being moved or removed until the answer is called. */
  readonly hold?: () => Promise<() => void>;
}

export function createArchive({ log, blobs, folder, version, now, hold = held }: ArchiveParts): Archive {
  return {
    verify({ anchor, blobs: withBlobs }) {
      return steps(now, async (onProgress) => {
        const { seq } = log.head();
        try {
          return await checkLog(log, { onProgress, ...(anchor ? { anchor } : {}), ...(withBlobs ? { blobs } : {}) });
        } catch (error) {
          throw await naming(error, folder, seq);
        }
      });
    },

    backup(options) {
      const tar = async function* () {
        const release = await hold();
        try {
          const snapshot = log.snapshot();
          try {
            const about = { cloudId: await cloudIdOf(log), version, madeAt: new Date().toISOString() };
            yield* writeBackup({ snapshot, folder, ...about, ...options });
          } finally {
            await snapshot.close();
          }
        } finally {
          release();
        }
      };
      // Little compression: it is the processor that a busy server lacks, and most of what can be gained is gained.
      const packed = createGzip({ level: 3 });
      // Errors end the stream early, which is all that can be told once it has begun.
      return pipeline(Readable.from(tar(), { objectMode: true, highWaterMark: 4 }), packed, () => {});
    },

    async *export({ from, to }) {
      const about = { cloudId: await cloudIdOf(log), version, madeAt: new Date().toISOString() };
      // In larger pieces: each piece costs as much on its way as a line takes to be written.
      const release = await hold();
      let text = '';
      try {
        for await (const line of writeExport({ log, blobs, from, to, ...about })) {
          text += line;
          if (text.length < exportPiece) continue;
          yield text;
          text = '';
        }
        yield text;
      } finally {
        release();
      }
    },
  };
}

/** Of a folder that nobody else has open. */
const held = async () => () => {};

async function cloudIdOf(log: LevelLog): Promise<string | null> {
  for await (const event of log.read({ to: 1 })) {
    const { cloudId } = event.data as { cloudId?: unknown };
    if (typeof cloudId === 'string') return cloudId;
  }
  return null;
}
