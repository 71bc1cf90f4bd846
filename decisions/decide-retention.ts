import type { Settings } from '../core/settings/settings.ts';
import type { Segment } from '../projections/segments.ts';

const unit = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of an age such as `90d`; null for `forever`. */
export function ageMs(age: string): number | null {
  const match = /^(\d{1,6})([smhd])$/.exec(age);
  return match ? Number(match[1]) * unit[match[2] as keyof typeof unit] : null;
}

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
  const ms = ageMs(age);
  // An age may reach back before all time.
  return ms === null ? null : new Date(Math.max(0, now - ms)).toISOString();
}
