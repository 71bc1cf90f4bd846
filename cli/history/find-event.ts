import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { Session } from '../session.ts';

/**
 * One event, by number, or by id: causes are ids.
 * @throws PloinkyError USAGE, EVENT_NOT_FOUND
 */
export async function findEvent(session: Session, word: string, dir: string | undefined): Promise<EventEnvelope> {
  const byNumber = /^[1-9]\d{0,14}$/.test(word);
  if (!byNumber && !/^[0-9A-Za-z]{8,32}$/.test(word)) {
    throw new PloinkyError('USAGE', `${JSON.stringify(word)} is no number and no id of an event.`, {
      hint: 'See `p-cli cloud history` for the numbers there are.',
    });
  }
  if (dir === undefined) return (await session.api()).manage<EventEnvelope>('GET', `events/${word}`);
  const { offlineEvent } = await import('../offline/offline-event.ts');
  return offlineEvent(session.surroundings.cwd, dir, word);
}
