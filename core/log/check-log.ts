import { PloinkyError } from '../errors/ploinky-error.ts';
import { anchorText, requireAnchor } from './anchor.ts';
import { type BlobStore, blobsOf } from './blob-port.ts';
import type { DeletedGap, Deletion } from './gap.ts';
import type { LevelLog } from './level-log.ts';
import { openLevelLog } from './level-log.ts';
import type { Head } from './log-port.ts';
import { genesisHash } from './record.ts';
import { verifyLog } from './verify-log.ts';

export interface CheckOptions {
  readonly anchor?: Head;
  /** Where the payloads lie that events name; absent = they are not looked at. */
  readonly blobs?: BlobStore;
  readonly onProgress?: (stage: CheckStage, done: number, of: number | null) => void;
}

/** What is being checked: `chain` counts events, `blobs` those whose payloads were looked at. */
export type CheckStage = 'chain' | 'blobs';

export interface Checked {
  readonly head: Head;
  /** `<seq>:<hash>` of the head, to be kept elsewhere. */
  readonly anchor: string;
  /** The anchor that the log was held against, or null when none was given. */
  readonly against: Head | null;
  /** Payloads that events name, each counted once; null when they were not looked at. */
  readonly blobs: number | null;
  /** Task events that were deleted; the chain holds across them. */
  readonly gaps: readonly CheckedGap[];
}

/** What was deleted of one segment. Between the two numbers other events may have stayed. */
export interface CheckedGap {
  readonly from: number;
  readonly to: number;
  readonly events: number;
  readonly deletion: Deletion;
}

/**
 * Every number and hash of a log up to its head when the check begins, then the anchor, then the payloads.
 * @param log one that is open, or a data folder that nobody has open
 * @throws PloinkyError LOG_DAMAGED naming the first bad event, ANCHOR_MISMATCH, BLOB_MISSING; LOG_MISSING, LOG_HELD, …
 */
export async function checkLog(log: LevelLog | string, options: CheckOptions): Promise<Checked> {
  if (typeof log !== 'string') return checkOpen(log, options, log.head().seq);
  // First as it lies there: a log too damaged to be opened can still be checked, and its first bad event named.
  const gaps = new Gaps();
  const onProgress = (seq: number) => options.onProgress?.('chain', seq, null);
  const head = await verifyLog(log, { onProgress, onGap: gaps.add });
  const { anchor, blobs } = options;
  if (!anchor && !blobs) return { head, anchor: anchorText(head), against: null, blobs: null, gaps: gaps.all };
  const opened = await openLevelLog({ folder: log, holder: `check, process ${process.pid}`, readOnly: true });
  try {
    return await afterChain(opened, head, gaps.all, options);
  } finally {
    await opened.close();
  }
}

async function checkOpen(log: LevelLog, options: CheckOptions, of: number): Promise<Checked> {
  const gaps = new Gaps();
  const onProgress = (seq: number) => options.onProgress?.('chain', seq, Math.max(seq, of));
  const head = await log.verify({ onProgress, onGap: gaps.add });
  return afterChain(log, head, gaps.all, options);
}

class Gaps {
  readonly all: CheckedGap[] = [];
  #segment = 0;

  readonly add = ({ segment, from, to, deletion }: DeletedGap): void => {
    const last = this.#segment === segment ? this.all.pop() : undefined;
    this.#segment = segment;
    this.all.push({ from: last?.from ?? from, to, events: (last?.events ?? 0) + to - from + 1, deletion });
  };
}

async function afterChain(
  log: LevelLog,
  head: Head,
  gaps: readonly CheckedGap[],
  { anchor, blobs, onProgress }: CheckOptions,
): Promise<Checked> {
  if (anchor) requireAnchor('The log', anchor, head, await hashAt(log, head, anchor.seq));
  const counted = blobs ? await checkBlobs(log, head, blobs, (done) => onProgress?.('blobs', done, head.seq)) : null;
  return { head, anchor: anchorText(head), against: anchor ?? null, blobs: counted, gaps };
}

async function hashAt(log: LevelLog, head: Head, seq: number): Promise<string | null> {
  if (seq > head.seq) return null;
  return seq === 0 ? genesisHash : log.hashAt(seq);
}

/** How many payloads that cannot be read a message lists for machines. */
const listed = 100;

async function checkBlobs(
  log: LevelLog,
  head: Head,
  blobs: BlobStore,
  onProgress: (seq: number) => void,
): Promise<number> {
  const seen = new Set<string>();
  const bad: { seq: number; blob: string; problem: string }[] = [];
  for await (const event of log.read({ to: head.seq })) {
    for (const reference of blobsOf(event.data)) {
      if (seen.has(reference.$blob)) continue;
      seen.add(reference.$blob);
      await blobs.get(reference).catch((error: unknown) => {
        bad.push({ seq: event.seq, blob: reference.$blob, problem: (error as Error).message });
      });
    }
    onProgress(event.seq);
  }
  const [first] = bad;
  if (!first) return seen.size;
  const others = bad.length === 1 ? '' : ` So do ${bad.length - 1} more of ${seen.size} payloads.`;
  throw new PloinkyError(
    'BLOB_MISSING',
    `Event ${first.seq} names a payload that is not whole. ${first.problem}${others}`,
    {
      details: { checked: seen.size, bad: bad.length, payloads: bad.slice(0, listed) },
    },
  );
}
