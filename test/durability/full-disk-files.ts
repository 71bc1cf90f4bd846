import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createSnapshots } from '../../adapters/snapshots/create-snapshots.ts';
import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import type { NewEvent } from '../../core/events/envelope.ts';
import { createFileBlobStore } from '../../core/log/file-blobs.ts';
import { createLevelLog, type LevelLog, openLevelLog } from '../../core/log/level-log.ts';
import { dump, dumpText } from '../../history/dump.ts';
import { Past } from '../../history/past.ts';
import { Ballast } from './ballast.ts';
import { Chance } from './chance.ts';
import { recordedHistory } from './recorded-history.ts';

export interface FullDiskFilesFigures {
  rounds: number;
  /** Not written for want of space. */
  snapshotsRefused: number;
  segmentsRefused: number;
  payloadsRefused: number;
}

/**
 * The files beside the log on a disk that is full to the last bytes: a snapshot, a segment, a payload. Either it is
 * there as a whole or not at all, and the log and its state are as before. Runs on the small disk: see small-disk.ts.
 * Arguments: the folder of the disk, rounds, seed.
 */
async function fullDiskFiles(disk: string, rounds: number, seed: number): Promise<FullDiskFilesFigures> {
  const chance = new Chance(seed);
  const ballast = new Ballast(disk);
  const folder = join(disk, 'cloud');
  const figures = { rounds: 0, snapshotsRefused: 0, segmentsRefused: 0, payloadsRefused: 0 };
  const history = recordedHistory(rounds * 2);
  const part = Math.floor(history.length / rounds);
  let log = await createLevelLog({ folder, holder: 'test' });
  for (; figures.rounds < rounds; figures.rounds += 1) {
    const events = history.slice(figures.rounds * part, (figures.rounds + 1) * part);
    await log.append(events.map(({ seq: _seq, hash: _hash, ...draft }) => draft as NewEvent));
    const past = await pastOf(folder, log);
    const { store } = await past.stateAt(log.head().seq);
    const state = dumpText(dump(store.views));

    // Room for none, a part or all of it.
    ballast.fill(chance.among([0, 4_096, chance.below(64 * 1024)]));
    const snapshots = createSnapshots(folder);
    const before = await snapshots.seqs();
    if (await refused(snapshots.write(store.capture()))) {
      figures.snapshotsRefused += 1;
      assert.deepEqual(await createSnapshots(folder).seqs(), before, 'no part of a snapshot is left');
    }
    const due = await log.segments.due({ after: 0, before: '9999-01-01T00:00:00.000Z' });
    if (due && (await refused(log.segments.write(due)))) figures.segmentsRefused += 1;
    const payload = JSON.stringify('x'.repeat(60_000) + figures.rounds);
    const blobs = createFileBlobStore(folder);
    if (await refused(blobs.put(payload))) figures.payloadsRefused += 1;
    assert.equal(dumpText(dump((await past.stateAt(log.head().seq)).store.views)), state);

    ballast.empty();
    await snapshots.write(store.capture());
    assert.equal(await blobs.get(await blobs.put(payload)), payload);
    const unfinished = readdirSync(join(folder, 'snapshots')).filter((name) => !name.endsWith('.snapshot'));
    assert.deepEqual(unfinished, [], 'nothing unfinished is left');
    await log.close();
    log = await openLevelLog({ folder, holder: 'test' });
    const again = await pastOf(folder, log);
    assert.equal(dumpText(dump((await again.stateAt(log.head().seq)).store.views)), state);
    await log.verify();
  }
  await log.close();
  return figures;
}

async function pastOf(folder: string, log: LevelLog): Promise<Past> {
  return new Past({ log, blobs: createFileBlobStore(folder), now: Date.now, snapshots: createSnapshots(folder) });
}

/** False when it was done; true when there was no space for it. Anything else is a failure of the test. */
async function refused(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (error) {
    if (isPloinkyError(error, 'DISK_FULL') || (error as NodeJS.ErrnoException).code === 'ENOSPC') return true;
    throw error;
  }
}

const [disk = '', rounds, seed] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await fullDiskFiles(disk, Number(rounds), Number(seed)))}\n`);
