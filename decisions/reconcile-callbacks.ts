import type { Callback } from '../projections/callbacks.ts';
import type { Views } from '../projections/views.ts';
import type { PloinkyEffect } from './effects.ts';

/** Pauses after a failed attempt, in ms. There is one attempt more than pauses. */
const pauses = [1_000, 5_000, 30_000, 120_000, 300_000] as const;
/** Looked at in one go; more have their turn when some of these are through. */
const mostAtOnce = 256;
/** So many at one time to the same server. */
const lanesPerOrigin = 4;

/** Attempts at one callback; the last one that fails is final. */
export const callbackAttempts = pauses.length + 1;

/** Every callback that has to be delivered. */
export function reconcileCallbacks({ callbacks }: Pick<Views, 'callbacks'>): PloinkyEffect[] {
  const effects: PloinkyEffect[] = [];
  for (const callback of callbacks.values()) {
    effects.push(effectOf(callback));
    if (effects.length >= mostAtOnce) break;
  }
  return effects;
}

function effectOf({ taskId, url, failed, since, lastEvent, trace }: Callback): PloinkyEffect {
  const pause = failed === 0 ? 0 : (pauses[failed - 1] ?? 300_000);
  const attempt = failed + 1;
  return {
    id: `callback:${taskId}:${attempt}`,
    kind: 'deliverCallback',
    lane: `callback:${originOf(url)}:${taskId.charCodeAt(taskId.length - 1) % lanesPerOrigin}`,
    ...(pause === 0 ? {} : { notBefore: Date.parse(since) + pause }),
    taskId,
    attempt,
    cause: lastEvent,
    trace,
  };
}

/** Scheme, host and port. */
function originOf(url: string): string {
  return /^[^/]*\/\/[^/?#]*/.exec(url)?.[0].toLowerCase() ?? '';
}
