import { availableParallelism } from 'node:os';
import type { Settings } from '../../core/settings/settings.ts';

/**
 * How many workers a server starts with; 1 = none, it takes requests itself. `auto` is one for each core that this
 * process may use; PLOINKY_FORCE_SINGLE=1 overrules the setting.
 */
export function workerCount(
  setting: Settings['workersCount'],
  env: Readonly<Record<string, string | undefined>>,
  cores: number = availableParallelism(),
): number {
  if (env.PLOINKY_FORCE_SINGLE === '1') return 1;
  return setting === 'auto' ? cores : setting;
}
