import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { Settings } from '../../../core/settings/settings.ts';

/**
 * Milliseconds that a call may take: what X-Task-Timeout asks for, else the setting taskTimeoutMs, and never more
 * than maxTaskTimeout.
 * @throws PloinkyError INVALID_REQUEST
 */
export function taskTimeout(
  header: string | string[] | undefined,
  settings: Pick<Settings, 'taskTimeoutMs' | 'maxTaskTimeout'>,
): number {
  if (header === undefined) return Math.min(settings.taskTimeoutMs, settings.maxTaskTimeout);
  if (typeof header !== 'string' || !/^[1-9]\d{0,11}$/.test(header)) {
    throw new PloinkyError('INVALID_REQUEST', 'X-Task-Timeout must be a whole number of milliseconds above 0.');
  }
  return Math.min(Number(header), settings.maxTaskTimeout);
}
