import { PloinkyError } from '../../core/errors/ploinky-error.ts';

/** How many times as fast as it was; infinite = without waiting. */
export type Speed = number;

const ladder: readonly Speed[] = [0.5, 1, 2, 5, 10, 20, 50, 100, 1_000, Number.POSITIVE_INFINITY];
export const usualSpeed: Speed = 10;
/** No gap is longer than this, at speed 1, ms; and none is shorter, so that each event is seen. */
const longestGapMs = 2_000;
const shortestGapMs = 200;

/** A number above 0, or max. `step` is no speed. @throws PloinkyError USAGE */
export function parseSpeed(text: string): Speed {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const speed = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (speed > 0) return speed;
  throw new PloinkyError('USAGE', `--speed takes a number above 0, max or step, not ${JSON.stringify(text)}.`);
}

export function faster(speed: Speed): Speed {
  return ladder.find((step) => step > speed) ?? speed;
}

export function slower(speed: Speed): Speed {
  return ladder.findLast((step) => step < speed) ?? speed;
}

export function speedName(speed: Speed): string {
  return Number.isFinite(speed) ? `${speed}×` : 'max';
}

/** How long to wait between two events, ms. Clocks jump, so the later event may have the earlier time. */
export function gapMs(before: string, after: string, speed: Speed): number {
  const gap = Date.parse(after) - Date.parse(before);
  return Math.min(longestGapMs, Math.max(shortestGapMs, gap)) / speed;
}
