import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { PloinkyError } from '../errors/ploinky-error.ts';
import type { EventEnvelope } from '../events/envelope.ts';
import type { Reopened } from './committer.ts';
import { damage } from './damage.ts';
import { logFolder, openDatabase } from './database.ts';
import { releaseJournals } from './journals.ts';
import type { Head } from './log-port.ts';
import { readPieces, type Stored } from './read-events.ts';
import { storedHash, storedHead } from './stored-groups.ts';
import { verifyGroups } from './verify-groups.ts';

/**
 * Finds out what a failed write left behind: writing on instead would lose events that LevelDB acknowledges later.
 * On a full disk the database stays open, for reading, until there is room to open it again.
 * @throws PloinkyError DISK_FULL, LOG_DAMAGED, LOG_HELD, LOG_UNREADABLE
 */
export async function reopen(folder: string, stored: Stored, known: Head, failure: PloinkyError): Promise<Reopened> {
  if (failure.code === 'DISK_FULL') await requireRoom(folder, failure);
  await stored.db.close();
  const db = await openDatabase(folder, { thorough: false });
  try {
    const head = await storedHead(db);
    if (head.seq < known.seq) throw damage.lost(db.location, head.seq, known.seq);
    if (known.seq > 0 && (await storedHash(db, known.seq)) !== known.hash) {
      throw damage.replaced(db.location, known.seq);
    }
    if (head.seq > 0) await verifyGroups(db, Math.max(1, known.seq));
    const again: Stored = { db, index: stored.index };
    const found: EventEnvelope[] = [];
    for await (const piece of readPieces(again, head.seq, { from: known.seq + 1 })) found.push(...piece);
    await releaseJournals(folder);
    return { stored: again, head, found };
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** LevelDB writes its journal out as a table when it opens, and begins a new journal and manifest. */
const besidesJournal = 64 * 1024;

async function requireRoom(folder: string, failure: PloinkyError): Promise<void> {
  const location = logFolder(folder);
  let needed = besidesJournal;
  for (const name of await readdir(location)) {
    if (name.endsWith('.log')) needed += (await stat(join(location, name))).size;
  }
  const { bavail, bsize, blocks } = await statfs(location);
  // Some file systems do not say how large they are.
  if (blocks === 0 || bavail * bsize >= needed) return;
  throw new PloinkyError(
    'DISK_FULL',
    `The event log in ${location} takes events again when ${needed} bytes are free; ${bavail * bsize} are.`,
    { cause: failure },
  );
}
