import { PloinkyError } from '../core/errors/ploinky-error.ts';
import type { EventEnvelope } from '../core/events/envelope.ts';
import type { EventLog } from '../core/log/log-port.ts';

type Log = Pick<EventLog, 'read' | 'head'>;

/**
 * One event, by its number or by its id: causes are ids. For the number of a deleted one, what stands for it.
 * @throws PloinkyError EVENT_NOT_FOUND
 */
export async function findEvent(log: Log, ref: string): Promise<EventEnvelope> {
  const byNumber = /^\d{1,15}$/.test(ref);
  const event = byNumber ? await eventAt(log, Number(ref)) : await eventWithId(log, ref);
  if (event) return event;
  const name = byNumber ? ref : `with the id ${ref}`;
  throw new PloinkyError('EVENT_NOT_FOUND', `There is no event ${name}; the last one is ${log.head().seq}.`);
}

/** From the newest event backwards, since no index knows ids. Null when there is none. */
export async function eventWithId(log: Pick<Log, 'read'>, id: string): Promise<EventEnvelope | null> {
  for await (const event of log.read({ reverse: true })) if (event.id === id) return event;
  return null;
}

async function eventAt(log: Pick<Log, 'read'>, seq: number): Promise<EventEnvelope | null> {
  for await (const event of log.read({ from: seq, to: seq })) return event;
  return null;
}
