import { durationMs } from '../../core/clock/duration.ts';
import type { Settings } from '../../core/settings/settings.ts';

/**
 * Where whoever may call the agent finds a task, and takes it back. Below `/client`, at which nothing can be deployed, and on
 * any host that leads to this server.
 */
export function taskAddress(taskId: string): string {
  return `/client/tasks/${taskId}`;
}

/** ISO 8601: until then at least the outcome can be asked for. Null: for ever, since the log keeps it. */
export function keptUntil(
  acceptedMs: number,
  settings: Pick<Settings, 'retention.tasks' | 'retention.segments'>,
): string | null {
  const { 'retention.tasks': sealed, 'retention.segments': deleted } = settings;
  // Only what was sealed is ever deleted.
  if (sealed === 'forever' || deleted === 'forever') return null;
  const age = Math.max(durationMs(sealed) ?? 0, durationMs(deleted) ?? 0);
  return new Date(acceptedMs + age).toISOString();
}
