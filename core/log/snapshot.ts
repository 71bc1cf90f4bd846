import type { Database, LogFormat } from './database.ts';
import { groupRange, keyListRange, pageRange, seqOfGroupKey } from './keys.ts';
import type { Head } from './log-port.ts';
import { unseal } from './sealed.ts';
import { pageSize } from './stream-index.ts';

export type RawRecord = readonly [key: string, value: string];

/** A log as it was in one instant, while others go on writing to it. */
export interface LogSnapshot {
  readonly format: LogFormat;
  readonly head: Head;
  /** Every record up to that head as it is stored, in the order of keys, some at a time. */
  records(): AsyncGenerator<readonly RawRecord[]>;
  close(): Promise<void>;
}

const most = { records: 1_000, highWaterMarkBytes: 1024 * 1024 };

/**
 * LevelDB sees its own batches whole or not at all, so the instant is one between two commit groups. The head is the one
 * that the log tells of; a group that became durable and was not told yet is left out.
 */
export function takeSnapshot(db: Database, format: LogFormat, head: Head): LogSnapshot {
  const snapshot = db.snapshot();
  return {
    format,
    head,
    async *records() {
      const iterator = db.iterator({ snapshot, highWaterMarkBytes: most.highWaterMarkBytes });
      try {
        for (;;) {
          const entries = await iterator.nextv(most.records);
          if (entries.length === 0) return;
          const kept = entries.filter((entry) => !isLater(entry, head.seq));
          if (kept.length > 0) yield kept;
        }
      } finally {
        await iterator.close();
      }
    },
    close: () => snapshot.close(),
  };
}

/** Does the record belong to events after `seq`? */
function isLater([key, value]: RawRecord, seq: number): boolean {
  const ofGroup = [groupRange, keyListRange].some(({ gte, lt }) => key >= gte && key < lt);
  if (ofGroup) return seqOfGroupKey(key) > seq;
  if (key >= pageRange.gte && key < pageRange.lt) return seqOfGroupKey(key) * pageSize > seq;
  if (!key.startsWith('k!')) return false;
  const last = Number(unseal(key, value)?.split(' ')[1]);
  return last > seq;
}
