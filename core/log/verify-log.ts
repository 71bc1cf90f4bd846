import { checkMarker } from './check-tail.ts';
import { openDatabase, readFormat } from './database.ts';
import { readFailure } from './failures.ts';
import { readMarker } from './head-marker.ts';
import { releaseJournals } from './journals.ts';
import { LevelLog } from './level-log.ts';
import type { Head } from './log-port.ts';
import { verifyGroups } from './verify-groups.ts';
import { verifyKeys } from './verify-keys.ts';

export interface VerifyOptions {
  /** Told now and then: the last event checked so far. */
  readonly onProgress?: (seq: number) => void;
}

/**
 * Every number and every hash, and every idempotency key, of an open log or of a data folder that nobody has open. A
 * folder too damaged to be opened for use can still be verified.
 * @returns the last event
 * @throws PloinkyError LOG_DAMAGED naming the first bad event; LOG_MISSING, LOG_HELD, LOG_FORMAT, LOG_UNREADABLE
 */
export async function verifyLog(log: LevelLog | string, { onProgress }: VerifyOptions = {}): Promise<Head> {
  if (log instanceof LevelLog) return log.verify(onProgress);
  const db = await openDatabase(log, { thorough: true });
  try {
    const { logId } = await readFormat(db);
    const head = await verifyGroups(db, 1, onProgress);
    await verifyKeys(db);
    await checkMarker(db, log, logId, await readMarker(log), head);
    await releaseJournals(log);
    return head;
  } catch (error) {
    throw readFailure(error, `The log in ${db.location}`);
  } finally {
    await db.close();
  }
}
