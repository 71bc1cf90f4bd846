import { type Step, steps } from '../../core/clock/steps.ts';
import type { BlobStore } from '../../core/log/blob-port.ts';
import { type Checked, checkLog } from '../../core/log/check-log.ts';
import type { LevelLog } from '../../core/log/level-log.ts';
import type { Head } from '../../core/log/log-port.ts';

/** What may be done with a log as a whole while its server runs. */
export interface Archive {
  /**
   * Every number and hash up to the head of now, the anchor, and with `blobs` the payloads that events name.
   * @throws PloinkyError LOG_DAMAGED naming the first bad event, ANCHOR_MISMATCH, BLOB_MISSING
   */
  verify(options: VerifyOptions): AsyncGenerator<Step, Checked>;
}

export interface VerifyOptions {
  readonly anchor?: Head | undefined;
  readonly blobs: boolean;
}

export interface ArchiveParts {
  readonly log: LevelLog;
  readonly blobs: BlobStore;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export function createArchive({ log, blobs, now }: ArchiveParts): Archive {
  return {
    verify({ anchor, blobs: withBlobs }) {
      return steps(now, (onProgress) => {
        return checkLog(log, { onProgress, ...(anchor ? { anchor } : {}), ...(withBlobs ? { blobs } : {}) });
      });
    },
  };
}
