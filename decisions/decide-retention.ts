import { durationMs } from '../core/clock/duration.ts';
import type { Settings } from '../core/settings/settings.ts';
import type { Segment } from '../projections/segments.ts';

/** ISO 8601: task events from before then are to be sealed. Null = none ever are. */
export function sealBefore(settings: Settings, now: number): string | null {
  return momentBefore(settings['retention.tasks'], now);
}

/** The last event of the newest sealed range; 0 = nothing was sealed yet. */
export function sealedUpTo(segments: Iterable<Segment>): number {
  let last = 0;
  for (const { to } of segments) last = Math.max(last, to);
  return last;
}

/**
 * Segments whose files are to be deleted, oldest first. The first one that is to stay keeps all that come after it:
 * what remains must be foldable, and clocks jump.
 */
export function dueDeletions(segments: Iterable<Segment>, settings: Settings, now: number): readonly Segment[] {
  const before = momentBefore(settings['retention.segments'], now);
  if (before === null) return [];
  const kept = [...segments].filter(({ deleted }) => !deleted).sort((a, b) => a.from - b.from);
  const staying = kept.findIndex(({ until }) => until >= before);
  return staying < 0 ? kept : kept.slice(0, staying);
}

function momentBefore(age: string, now: number): string | null {
  // `forever` is none.
  const ms = durationMs(age);
  // An age may reach back before all time.
  return ms === null ? null : new Date(Math.max(0, now - ms)).toISOString();
}
