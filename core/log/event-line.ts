import type { EventEnvelope } from '../events/envelope.ts';

const hashField = /,"hash":"([0-9a-f]{64})"\}$/;

/** The JSON that an event's hash is of. JSON that was written once is written the same way again. */
export function hashedJson(event: EventEnvelope): string {
  const { seq, id, time, type, v, stream, data, actor, cause, trace } = event;
  return JSON.stringify({ seq, id, time, type, v, stream, data, actor, cause, trace });
}

/** An event as one line of an export: the hashed JSON, with the hash as its last field. */
export function exportLine(event: EventEnvelope): string {
  return `${hashedJson(event).slice(0, -1)},"hash":"${event.hash}"}`;
}

/** Hash and hashed JSON of such a line, byte for byte; null when it is none. */
export function splitExportLine(line: string): { hash: string; json: string } | null {
  const match = hashField.exec(line);
  return match ? { hash: match[1] as string, json: `${line.slice(0, match.index)}}` } : null;
}
