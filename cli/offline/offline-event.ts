import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import { withLog } from './open-log.ts';

/** @throws PloinkyError EVENT_NOT_FOUND */
export function offlineEvent(cwd: string, dir: string, seq: number): Promise<EventEnvelope> {
  return withLog(cwd, dir, { readOnly: true }, async (log) => {
    for await (const event of log.read({ from: seq, to: seq })) return event;
    throw new PloinkyError('EVENT_NOT_FOUND', `The log has no event ${seq}; its last one is ${log.head().seq}.`);
  });
}
