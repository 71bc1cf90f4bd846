import assert from 'node:assert/strict';
import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import { openLevelLog } from '../../core/log/level-log.ts';
import type { Head } from '../../core/log/log-port.ts';
import { encodeEvent, genesisHash } from '../../core/log/record.ts';
import type { Told } from './appender-process.ts';

export interface Checked {
  readonly head: Head;
  /** Stored, and killed before anybody was told. */
  readonly untold: number;
}

/**
 * What follows the head `before`, after the appender that wrote it is gone: contiguous, chained, each append once and
 * as a whole, and everything that was acknowledged among it. Told by the test's own reckoning, not by `verify`.
 * @returns null when the log was not made before the kill
 */
export async function checkLife(
  folder: string,
  acknowledged: ReadonlyMap<number, Told>,
  before: Head | null,
): Promise<Checked | null> {
  const log = await openLevelLog({ folder, holder: 'test' }).catch((error: unknown) => {
    if (before === null && acknowledged.size === 0 && isPloinkyError(error, 'LOG_MISSING')) return null;
    throw error;
  });
  if (!log) return null;
  try {
    let { seq, hash } = before ?? { seq: 0, hash: genesisHash };
    let told = 0;
    let untold = 0;
    const appends = new Map<string, number[]>();
    for await (const event of log.read({ from: seq + 1 })) {
      seq += 1;
      assert.equal(event.seq, seq, 'events are contiguous');
      const { hash: stored, ...rest } = event;
      assert.equal(stored, encodeEvent(rest, seq, hash).event.hash, `event ${seq} is chained to the one before`);
      hash = stored;
      const known = acknowledged.get(seq);
      if (known) assert.deepEqual({ id: event.id, hash }, known, `event ${seq} is the one acknowledged`);
      if (known) told += 1;
      else untold += 1;
      const { batch, count } = event.data as { batch: string; count: number };
      const left = appends.get(batch) ?? Array.from({ length: count }, (_, part) => seq + part);
      assert.equal(left.shift(), seq, `append ${batch} is there once, its events one after another`);
      appends.set(batch, left);
    }
    assert.equal(told, acknowledged.size, 'every acknowledged event is there');
    for (const [batch, left] of appends) assert.deepEqual(left, [], `append ${batch} is there as a whole`);
    assert.deepEqual(log.head(), { seq, hash });
    return { head: { seq, hash }, untold };
  } finally {
    await log.close();
  }
}
