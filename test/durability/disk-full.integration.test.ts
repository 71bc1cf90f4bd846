import { describe, expect } from 'vitest';
import { seedOfRun, timesOf } from './chance.ts';
import { onFullDisk } from './full-disk.ts';
import type { FullDiskFilesFigures } from './full-disk-files.ts';
import type { FullServerFigures } from './full-disk-server.ts';
import { itNeeding } from './needs.ts';
import { sayFigures } from './say-figures.ts';
import { onSmallDisk, whyNoSmallDisk } from './small-disk.ts';

const cycles = timesOf('PLOINKY_FULL_DISKS', 12);
const seed = seedOfRun();
const missing = whyNoSmallDisk();

describe('a disk without space', () => {
  const title = `under appends and compaction, ${cycles} times (PLOINKY_SEED=${seed}): refused, readable, then as before`;
  itNeeding(missing, title, 60_000 + cycles * 20_000, async () => {
    const figures = await onFullDisk(cycles, seed);
    sayFigures('disk full', seed, figures);
    expect(figures.refused).toBeGreaterThanOrEqual(cycles);
    expect(figures.read).toBeGreaterThanOrEqual(cycles);
    expect(figures.recovered + figures.killedWhileFull).toBeGreaterThanOrEqual(cycles);
  });

  itNeeding(
    missing,
    'below a running server: 507 for what has to be stored, the rest as ever, and no restart',
    120_000,
    async () => {
      const { whileFull, afterwards } = await onSmallDisk<FullServerFigures>(64, 'full-disk-server.js', []);
      expect(whileFull).toEqual({
        setting: '507 DISK_FULL',
        call: '507 DISK_FULL',
        'large call': '507 DISK_FULL',
        state: '200',
        history: '200',
        deployments: '200',
        health: '200',
      });
      expect(new Set(Object.values(afterwards))).toEqual(new Set(['200']));
    },
  );

  itNeeding(missing, 'under a snapshot, a segment or a payload: there as a whole or not at all', 120_000, async () => {
    const figures = await onSmallDisk<FullDiskFilesFigures>(32, 'full-disk-files.js', ['20', String(seed)]);
    sayFigures('disk full under files', seed, figures);
    expect(figures.snapshotsRefused).toBeGreaterThan(0);
    expect(figures.segmentsRefused).toBeGreaterThan(0);
    expect(figures.payloadsRefused).toBeGreaterThan(0);
  });
});
