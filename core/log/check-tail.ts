import { join } from 'node:path';
import { PloinkyError } from '../errors/ploinky-error.ts';
import { damage } from './damage.ts';
import type { Database } from './database.ts';
import type { Marker } from './head-marker.ts';
import type { Head } from './log-port.ts';
import { storedHash, storedHead } from './stored-groups.ts';
import { verifyGroups } from './verify-groups.ts';

/** Events before the head whose hashes are checked when a log is opened; `verifyLog` checks all. */
const checkedAtOpen = 5_000;

/**
 * What a log must pass to be opened: its newest events are contiguous and chained, and it holds what the marker
 * remembers. Without a marker all of it is checked.
 * @throws PloinkyError LOG_DAMAGED
 */
export async function checkTail(db: Database, folder: string, logId: string, marker: Marker | null): Promise<Head> {
  const { seq } = await storedHead(db);
  const from = marker ? Math.max(1, Math.min(seq - checkedAtOpen, marker.seq)) : 1;
  const head = await verifyGroups(db, from);
  await checkMarker(db, folder, logId, marker, head);
  return head;
}

/** @throws PloinkyError LOG_DAMAGED when the marker knows of other events, or of more */
export async function checkMarker(
  db: Database,
  folder: string,
  logId: string,
  marker: Marker | null,
  head: Head,
): Promise<void> {
  if (!marker) return;
  if (marker.logId !== logId) {
    throw new PloinkyError('LOG_DAMAGED', `${join(folder, 'head.json')} belongs to another log than ${db.location}.`);
  }
  if (marker.seq > head.seq) throw damage.lost(db.location, head.seq, marker.seq);
  if (marker.seq > 0 && (await storedHash(db, marker.seq)) !== marker.hash) {
    throw damage.replaced(db.location, marker.seq);
  }
}
