import { damage } from './damage.ts';
import type { Database } from './database.ts';
import { idempotencyKeyOf, idempotencyKeyRange, keyListRange, seqOfGroupKey } from './keys.ts';
import { unseal } from './sealed.ts';
import { storedHead } from './stored-groups.ts';

const most = { entries: 500, highWaterMarkBytes: 1024 * 1024 };

/**
 * What every idempotency key led to. No event names its key, so that a forgotten one shows nowhere else, and a repeated
 * request would be stored twice. One flipped bit is enough to hide a key: in its place in a table, or in the filter that
 * is asked before the table.
 * @throws PloinkyError LOG_DAMAGED naming the record
 */
export async function verifyKeys(db: Database): Promise<void> {
  for await (const [key, value] of entries(db, idempotencyKeyRange)) {
    if (unseal(key, value) === null) throw damage.unreadable(db.location, key);
  }
  for await (const [list, value] of entries(db, keyListRange)) {
    const content = unseal(list, value);
    if (content === null) throw damage.unreadable(db.location, list);
    const keys = (JSON.parse(content) as string[]).map(idempotencyKeyOf);
    // Asked for as an append asks.
    const found = await db.getMany(keys);
    const hidden = keys.find((_, at) => found[at] === undefined);
    if (hidden !== undefined && (await storedHead(db)).seq >= seqOfGroupKey(list)) {
      throw damage.unreadable(db.location, hidden);
    }
  }
}

async function* entries(
  db: Database,
  range: { gte: string; lt: string },
): AsyncGenerator<[key: string, value: string]> {
  const iterator = db.iterator({ ...range, highWaterMarkBytes: most.highWaterMarkBytes });
  try {
    for (;;) {
      const some = await iterator.nextv(most.entries);
      if (some.length === 0) return;
      yield* some;
    }
  } finally {
    await iterator.close();
  }
}
