import { Retention, type RetentionReport, type RetentionView } from '../../adapters/retention/retention.ts';
import { randomId, systemClock } from '../../core/clock/clock.ts';
import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import { validate } from '../../core/events/validate.ts';
import { stamp } from '../../core/kernel/stamp.ts';
import { createFileBlobStore } from '../../core/log/file-blobs.ts';
import { effectiveSettings } from '../../core/settings/settings.ts';
import { offlinePast } from './offline-past.ts';
import { dataFolder, openLog } from './open-log.ts';

/** @throws PloinkyError LOG_HELD, LOG_MISSING, LOG_DAMAGED */
export function showRetentionOffline(cwd: string, dir: string): Promise<RetentionView> {
  return withRetention(cwd, dir, true, (retention) => retention.show());
}

/** Who may write to the folder owns the cloud. @throws PloinkyError LOG_HELD, LOG_MISSING, LOG_DAMAGED */
export function runRetentionOffline(cwd: string, dir: string, dryRun: boolean): Promise<RetentionReport> {
  return withRetention(cwd, dir, dryRun, (retention) => retention.run({ dryRun, actor: 'system:recovery' }));
}

async function withRetention<T>(
  cwd: string,
  dir: string,
  readOnly: boolean,
  work: (retention: Retention) => Promise<T>,
): Promise<T> {
  const log = await openLog(cwd, dir, { readOnly });
  try {
    const blobs = createFileBlobStore(dataFolder(cwd, dir));
    const { store } = await offlinePast(log, cwd, dir).stateAt(log.head().seq);
    for (const problem of store.stopped.values()) throw problem;
    const retention = new Retention({
      ...{ log, blobs, views: store.views, now: Date.now, newId: randomId },
      settings: () => effectiveSettings(store.views.cloud.get('cloud')?.settings ?? {}),
      async record(draft, origin) {
        validate(draft);
        const stored = await log.append(stamp([draft], origin, systemClock, randomId));
        store.apply(stored);
        return stored as readonly PloinkyEvent[];
      },
    });
    return await work(retention);
  } finally {
    await log.close();
  }
}
