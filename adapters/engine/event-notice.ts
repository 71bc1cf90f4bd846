import type { EngineNotice } from './engine-port.ts';
import { helperLabel } from './volume-handover.ts';

/**
 * Actions after which a container may be running or not running any more, in the words of both engines
 * (Docker says destroy where Podman says remove, and Podman adds died and cleanup).
 */
const changes = new Set([
  'create',
  'start',
  'restart',
  'die',
  'died',
  'stop',
  'kill',
  'oom',
  'pause',
  'unpause',
  'cleanup',
  'destroy',
  'remove',
]);

/** One line of `GET /events` → what it means for us. Null for anything else, also for what cannot be read. */
export function noticeFromEvent(line: string, cloudId: string): EngineNotice | null {
  let event: { Action?: unknown; Actor?: { Attributes?: Record<string, unknown> } } | null;
  try {
    event = JSON.parse(line);
  } catch {
    return null;
  }
  const attributes = event?.Actor?.Attributes;
  const name = attributes?.name;
  // The engine filters by label already; an old engine that ignores the filter must not wake us for others.
  if (attributes?.['ploinky.cloud'] !== cloudId || typeof name !== 'string') return null;
  if (helperLabel in attributes) return null;
  if (typeof event?.Action !== 'string' || !changes.has(event.Action)) return null;
  return { kind: 'changed', name };
}
