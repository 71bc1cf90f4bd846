import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import { openLevelLog } from '../../core/log/level-log.ts';
import type { Head } from '../../core/log/log-port.ts';
import { encodeEvent, genesisHash } from '../../core/log/record.ts';
import { verifyLog } from '../../core/log/verify-log.ts';
import { AppenderProcess, type Told } from './appender-process.ts';
import { Chance } from './chance.ts';

export interface KillFigures {
  cycles: number;
  /** Killed before the log was open: while it was made, or while the former life was being recovered. */
  whileOpening: number;
  acknowledged: number;
  /** Stored, and killed before anybody was told. */
  storedUntold: number;
}

export interface KillRun {
  readonly cycles: number;
  readonly seed: number;
  readonly onProgress?: (figures: KillFigures) => void;
}

/** Cycles of one folder; then a new one, so that the making of a log is interrupted as well. */
const livesOfAFolder = 20;
const longest = { openingMs: 150, appendingMs: 160 };
const empty: Head = { seq: 0, hash: genesisHash };

/**
 * Kills a process in the middle of group commits, again and again, and compares what it had acknowledged with what is
 * there. The seed gives the same moments; where a process is at that moment is not in anybody's hand.
 */
export async function killCycles({ cycles, seed, onProgress }: KillRun): Promise<KillFigures> {
  const chance = new Chance(seed);
  const figures: KillFigures = { cycles: 0, whileOpening: 0, acknowledged: 0, storedUntold: 0 };
  while (figures.cycles < cycles) {
    const folder = mkdtempSync(join(tmpdir(), 'ploinky-kill-'));
    try {
      let checked: Head | null = null;
      const until = Math.min(cycles, figures.cycles + livesOfAFolder);
      while (figures.cycles < until) {
        const appender = await lifeOf(folder, checked ? 'open' : 'create', chance);
        figures.cycles += 1;
        if (!appender.ready) figures.whileOpening += 1;
        checked = await check(folder, appender.acknowledged, checked, figures);
        onProgress?.(figures);
      }
      if (checked) assert.deepEqual(await verifyLog(folder), checked, 'all of it, from the first event on');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return figures;
}

async function lifeOf(folder: string, how: 'create' | 'open', chance: Chance): Promise<AppenderProcess> {
  const appender = new AppenderProcess({ folder, how, callers: 1 + chance.below(64), seed: chance.below(1e9) });
  const early = chance.fraction() < 0.2;
  if (!early) await appender.opened();
  await new Promise((resolve) => setTimeout(resolve, chance.below(early ? longest.openingMs : longest.appendingMs)));
  await appender.kill();
  return appender;
}

/**
 * What follows event `before`: contiguous, chained, whole appends only, and everything that was told among it.
 * @returns the head; null when the log was not made before the kill
 */
async function check(
  folder: string,
  told: ReadonlyMap<number, Told>,
  before: Head | null,
  figures: KillFigures,
): Promise<Head | null> {
  const log = await openLevelLog({ folder, holder: 'test' }).catch((error: unknown) => {
    if (before === null && told.size === 0 && isPloinkyError(error, 'LOG_MISSING')) return null;
    throw error;
  });
  if (!log) return null;
  try {
    let { seq, hash } = before ?? empty;
    let found = 0;
    const batches = new Map<string, number[]>();
    for await (const event of log.read({ from: seq + 1 })) {
      seq += 1;
      assert.equal(event.seq, seq, 'events are contiguous');
      const { hash: stored, ...rest } = event;
      assert.equal(stored, encodeEvent(rest, seq, hash).event.hash, `event ${seq} is chained to the one before`);
      hash = stored;
      const known = told.get(seq);
      if (known) {
        assert.deepEqual({ id: event.id, hash: event.hash }, known, `event ${seq} is the one acknowledged`);
        found += 1;
      } else figures.storedUntold += 1;
      const { batch, count } = event.data as { batch: string; count: number };
      const left = batches.get(batch) ?? Array.from({ length: count }, (_, part) => seq + part);
      assert.equal(left.shift(), seq, `the events of append ${batch} follow one another`);
      batches.set(batch, left);
    }
    assert.equal(found, told.size, 'every acknowledged event is there');
    for (const [batch, left] of batches) assert.deepEqual(left, [], `append ${batch} is there as a whole`);
    assert.deepEqual(log.head(), { seq, hash });
    figures.acknowledged += told.size;
    return { seq, hash };
  } finally {
    await log.close();
  }
}
