import { checkMarker } from './check-tail.ts';
import { openDatabase, readFormat } from './database.ts';
import { readFailure } from './failures.ts';
import { readMarker } from './head-marker.ts';
import { releaseJournals } from './journals.ts';
import { LevelLog } from './level-log.ts';
import type { Head } from './log-port.ts';
import { verifyGroups, type Watching } from './verify-groups.ts';
import { verifyKeys } from './verify-keys.ts';

/**
 * Every number and every hash, and every idempotency key, of an open log or of a data folder that nobody has open. A
 * folder too damaged to be opened for use can still be verified.
 * @returns the last event
 * @throws PloinkyError LOG_DAMAGED naming the first bad event; LOG_MISSING, LOG_HELD, LOG_FORMAT, LOG_UNREADABLE
 */
export async function verifyLog(log: LevelLog | string, watching: Watching = {}): Promise<Head> {
  if (log instanceof LevelLog) return log.verify(watching);
  const db = await openDatabase(log, { thorough: true });
  try {
    const { logId } = await readFormat(db);
    const head = await verifyGroups(db, 1, watching);
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
