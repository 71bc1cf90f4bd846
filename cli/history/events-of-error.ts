import type { EventEnvelope } from '../../core/events/envelope.ts';
import { isRecord } from '../connection/json-file.ts';
import type { Session } from '../session.ts';
import { t } from '../terminal/text.ts';
import { EventLines } from './event-line.ts';

/** What an error has against it, where those are events: as `history` shows them. With --json the error itself has them. */
export function showEventsOf({ out }: Session, error: unknown, field: string, heading: string): void {
  const details: unknown = error instanceof Error ? Reflect.get(error, 'details') : undefined;
  const events = isRecord(details) ? details[field] : undefined;
  if (out.json || !Array.isArray(events)) return;
  const lines = new EventLines();
  out.note(t`${heading}`);
  for (const event of events as EventEnvelope[]) out.note(lines.line(event));
}
