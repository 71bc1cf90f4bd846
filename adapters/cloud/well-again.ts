import type { LevelLog } from '../../core/log/level-log.ts';
import type { Views } from '../../projections/views.ts';

/** Resolves when every container that was running has passed its health check again, or failed it. */
export function wellAgain(log: Pick<LevelLog, 'subscribe'>, views: Pick<Views, 'containers'>): Promise<void> {
  const busy = () => [...views.containers.values()].some(({ status }) => status === 'started');
  if (!busy()) return Promise.resolve();
  return new Promise((resolve) => {
    const subscription = log.subscribe({}, () => {
      if (busy()) return;
      subscription.close();
      resolve();
    });
  });
}
