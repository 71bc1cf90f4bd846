import type { FullDiskFigures } from './full-disk-cycles.ts';
import { onSmallDisk } from './small-disk.ts';

/** The cycles of full-disk-cycles.ts, on a tmpfs that fits a few lives of an appender. */
export function onFullDisk(
  cycles: number,
  seed: number,
  onProgress?: (figures: FullDiskFigures) => void,
): Promise<FullDiskFigures> {
  return onSmallDisk<FullDiskFigures>(128, 'full-disk-cycles.js', [String(cycles), String(seed)], onProgress);
}
