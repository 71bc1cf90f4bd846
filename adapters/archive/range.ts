import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Past } from '../../history/past.ts';

/**
 * Events between two moments, both included.
 * @throws PloinkyError MOMENT_INVALID, MOMENT_UNKNOWN
 */
export async function rangeOf(
  past: Past,
  { from = '1', to = 'head' }: { readonly from?: string; readonly to?: string },
): Promise<{ readonly from: number; readonly to: number }> {
  const range = { from: Math.max(1, await past.find(from)), to: await past.find(to) };
  if (range.from <= range.to) return range;
  const message = `Nothing lies between the events ${range.from} and ${range.to}.`;
  throw new PloinkyError('MOMENT_UNKNOWN', message, { hint: 'Name the earlier moment with --from.' });
}
