import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Head } from '../../core/log/log-port.ts';
import { verifyLog } from '../../core/log/verify-log.ts';
import { AppenderProcess } from './appender-process.ts';
import { Ballast } from './ballast.ts';
import { Chance } from './chance.ts';
import { checkLife } from './check-life.ts';

export interface FullDiskFigures {
  cycles: number;
  /** Appends answered with DISK_FULL. */
  refused: number;
  /** Times all events were read while the disk was full. */
  read: number;
  /** Times the log took events again by itself once there was room. */
  recovered: number;
  killedWhileFull: number;
  acknowledged: number;
  untold: number;
}

const livesOfAFolder = 3;

/**
 * Fills the disk at random moments under an appender that writes so much that tables are written and merged all the
 * time; then frees it or not, and kills the appender. Runs on the small disk itself: see small-disk.ts.
 * Arguments: the folder of the disk, cycles, seed.
 */
async function fullDiskCycles(disk: string, cycles: number, seed: number): Promise<void> {
  const chance = new Chance(seed);
  const ballast = new Ballast(disk);
  const figures: FullDiskFigures = {
    cycles: 0,
    refused: 0,
    read: 0,
    recovered: 0,
    killedWhileFull: 0,
    acknowledged: 0,
    untold: 0,
  };
  while (figures.cycles < cycles) {
    const folder = join(disk, `cloud${figures.cycles}`);
    let head: Head | null = null;
    const until = Math.min(cycles, figures.cycles + livesOfAFolder);
    while (figures.cycles < until) {
      const appender = await lifeOf(folder, head ? 'open' : 'create', ballast, chance, figures);
      ballast.empty();
      const checked = await checkLife(folder, appender.acknowledged, head);
      head = checked?.head ?? head;
      figures.cycles += 1;
      figures.refused += appender.said.refused;
      figures.read += appender.said.read;
      figures.acknowledged += appender.acknowledged.size;
      figures.untold += checked?.untold ?? 0;
      process.stdout.write(`${JSON.stringify(figures)}\n`);
    }
    assert.deepEqual(await verifyLog(folder), head, 'all of it, from the first event on');
    rmSync(folder, { recursive: true });
  }
}

async function lifeOf(
  folder: string,
  how: 'create' | 'open',
  ballast: Ballast,
  chance: Chance,
  figures: FullDiskFigures,
): Promise<AppenderProcess> {
  const appender = new AppenderProcess({
    ...{ folder, how, callers: 1 + chance.below(32) },
    ...{ seed: chance.below(1e9), largeOneIn: 3, retry: true },
  });
  try {
    await appender.says('ready', 1);
    for (let round = chance.below(3); round >= 0; round -= 1) {
      await pause(chance.below(250));
      ballast.fill(chance.among([0, 0, 8 * 1024, 200 * 1024, 2 * 1024 * 1024]));
      await appender.says('refused');
      await pause(chance.below(40));
      if (round === 0 && chance.fraction() < 0.5) {
        figures.killedWhileFull += 1;
        break;
      }
      ballast.empty();
      await appender.says('ack');
      figures.recovered += 1;
    }
    await pause(chance.below(20));
  } finally {
    await appender.kill();
  }
  assert.deepEqual([...appender.codes], ['DISK_FULL']);
  assert.equal(appender.said.unread, 0, 'what is there can be read while the disk is full');
  return appender;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const [disk = '', cycles, seed] = process.argv.slice(2);
await fullDiskCycles(disk, Number(cycles), Number(seed));
