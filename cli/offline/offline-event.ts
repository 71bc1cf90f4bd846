import type { EventEnvelope } from '../../core/events/envelope.ts';
import { findEvent } from '../../history/find-event.ts';
import { withLog } from './open-log.ts';

/** By number or id. @throws PloinkyError EVENT_NOT_FOUND */
export function offlineEvent(cwd: string, dir: string, ref: string): Promise<EventEnvelope> {
  return withLog(cwd, dir, { readOnly: true }, (log) => findEvent(log, ref));
}
