import { describe, expect } from 'vitest';
import { seedOfRun, timesOf } from './chance.ts';
import { onFullDisk } from './full-disk.ts';
import { itNeeding } from './needs.ts';
import { sayFigures } from './say-figures.ts';
import { whyNoSmallDisk } from './small-disk.ts';

const cycles = timesOf('PLOINKY_FULL_DISKS', 12);
const seed = seedOfRun();

describe('a disk without space', () => {
  const title = `under appends and compaction, ${cycles} times (PLOINKY_SEED=${seed}): refused, readable, then as before`;
  itNeeding(whyNoSmallDisk(), title, 60_000 + cycles * 20_000, async () => {
    const figures = await onFullDisk(cycles, seed);
    sayFigures('disk full', seed, figures);
    expect(figures.refused).toBeGreaterThanOrEqual(cycles);
    expect(figures.read).toBeGreaterThanOrEqual(cycles);
    expect(figures.recovered + figures.killedWhileFull).toBeGreaterThanOrEqual(cycles);
  });
});
