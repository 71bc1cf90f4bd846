import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { EventEnvelope } from '../../../core/events/envelope.ts';
import type { EventLog } from '../../../core/log/log-port.ts';

/**
 * One event, by its number or by its id: causes are ids. An id is looked for from the newest event backwards, since no
 * index knows ids.
 * @throws PloinkyError EVENT_NOT_FOUND
 */
export async function findEvent(log: Pick<EventLog, 'read' | 'head'>, ref: string): Promise<EventEnvelope> {
  const byNumber = /^\d{1,15}$/.test(ref);
  const range = byNumber ? { from: Number(ref), to: Number(ref) } : { reverse: true };
  for await (const event of log.read(range)) if (byNumber || event.id === ref) return event;
  const name = byNumber ? ref : `with the id ${ref}`;
  throw new PloinkyError('EVENT_NOT_FOUND', `There is no event ${name}; the last one is ${log.head().seq}.`);
}
