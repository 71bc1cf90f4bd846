import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Settings } from '../../core/settings/settings.ts';
import type { TaskCall } from '../http/cloud-port.ts';
import type { Flight } from './flight.ts';
import type { Lane } from './lane.ts';

/** A call that neither runs nor may wait, with an honest time to try again. */
export function overloaded(deployment: string, lane: Lane<Flight>, now: number): PloinkyError {
  const { running, waiting } = lane;
  const seconds = lane.retryAfterSeconds(now);
  const message = `${deployment} has ${running} ${running === 1 ? 'call' : 'calls'} running and ${waiting} waiting, as many as may; try again in ${seconds} s.`;
  return new PloinkyError('OVERLOADED', message, { details: { running, waiting, retryAfterSeconds: seconds } });
}

/**
 * For a batch that was not accepted: waiting is no use where there is no room for all of it even while nothing else runs.
 * @param found how many there was room for while nothing else ran; null when something did
 * @throws PloinkyError BATCH_TOO_LARGE
 */
export function refuseEndless(
  calls: readonly TaskCall[],
  { maxConcurrentTasks, maxQueuedTasks }: Pick<Settings, 'maxConcurrentTasks' | 'maxQueuedTasks'>,
  found: number | null,
): void {
  const room = found ?? maxConcurrentTasks + maxQueuedTasks;
  if (calls.length <= room) return;
  const message = `The batch holds ${calls.length} calls, and ${calls[0]?.deployment} takes at most ${room} at one time, those that wait included.`;
  throw new PloinkyError('BATCH_TOO_LARGE', message, {
    hint: 'Send smaller batches, or raise the settings maxConcurrentTasks and maxQueuedTasks.',
    details: { calls: calls.length, room },
  });
}
