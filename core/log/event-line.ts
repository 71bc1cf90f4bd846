import type { EventEnvelope } from '../events/envelope.ts';
import { hashedJson } from './record.ts';

const hashField = /,"hash":"([0-9a-f]{64})"\}$/;

/** An event as one line of an export: the hashed JSON, with the hash as its last field. */
export function exportLine(event: EventEnvelope): string {
  return `${hashedJson(event).slice(0, -1)},"hash":"${event.hash}"}`;
}

/** Hash and hashed JSON of such a line, byte for byte; null when it is none. */
export function splitExportLine(line: string): { hash: string; json: string } | null {
  const match = hashField.exec(line);
  return match ? { hash: match[1] as string, json: `${line.slice(0, match.index)}}` } : null;
}
