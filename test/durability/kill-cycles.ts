import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Head } from '../../core/log/log-port.ts';
import { verifyLog } from '../../core/log/verify-log.ts';
import { AppenderProcess } from './appender-process.ts';
import { Chance } from './chance.ts';
import { checkLife } from './check-life.ts';

export interface KillFigures {
  cycles: number;
  /** Killed before the log was open: while it was made, or while the former life was being recovered. */
  whileOpening: number;
  acknowledged: number;
  /** Stored, and killed before anybody was told. */
  untold: number;
}

/** What every trial is asked for. */
export interface Run<Figures> {
  readonly cycles: number;
  readonly seed: number;
  readonly onProgress?: ((figures: Figures) => void) | undefined;
}

/** Cycles of one folder; then a new one, so that the making of a log is interrupted as well. */
const livesOfAFolder = 20;
const longest = { openingMs: 150, appendingMs: 160 };

/**
 * Kills a process in the middle of group commits, again and again, and compares what it had acknowledged with what is
 * there. The seed gives the same moments; where a process is at that moment is not in anybody's hand.
 */
export async function killCycles({ cycles, seed, onProgress }: Run<KillFigures>): Promise<KillFigures> {
  const chance = new Chance(seed);
  const figures: KillFigures = { cycles: 0, whileOpening: 0, acknowledged: 0, untold: 0 };
  while (figures.cycles < cycles) {
    const folder = mkdtempSync(join(tmpdir(), 'ploinky-kill-'));
    try {
      let head: Head | null = null;
      const until = Math.min(cycles, figures.cycles + livesOfAFolder);
      while (figures.cycles < until) {
        const appender = await lifeOf(folder, head ? 'open' : 'create', chance);
        const checked = await checkLife(folder, appender.acknowledged, head);
        head = checked?.head ?? null;
        figures.cycles += 1;
        figures.acknowledged += appender.acknowledged.size;
        figures.untold += checked?.untold ?? 0;
        if (!appender.ready) figures.whileOpening += 1;
        onProgress?.(figures);
      }
      if (head) assert.deepEqual(await verifyLog(folder), head, 'all of it, from the first event on');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return figures;
}

async function lifeOf(folder: string, how: 'create' | 'open', chance: Chance): Promise<AppenderProcess> {
  const callers = 1 + chance.below(64);
  const appender = new AppenderProcess({ folder, how, callers, seed: chance.below(1e9), largeOneIn: 20, retry: false });
  const early = chance.fraction() < 0.2;
  if (!early) await appender.says('ready', 1);
  await new Promise((resolve) => setTimeout(resolve, chance.below(early ? longest.openingMs : longest.appendingMs)));
  await appender.kill();
  return appender;
}
