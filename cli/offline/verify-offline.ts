import { naming } from '../../adapters/archive/repair/good-up-to.ts';
import { type Step, steps } from '../../core/clock/steps.ts';
import { type Checked, checkLog } from '../../core/log/check-log.ts';
import { createFileBlobStore } from '../../core/log/file-blobs.ts';
import { readMarker } from '../../core/log/head-marker.ts';
import type { Head } from '../../core/log/log-port.ts';
import type { Session } from '../session.ts';
import { dataFolder, explained } from './open-log.ts';

/** The check of a folder whose server does not run. @throws PloinkyError LOG_HELD, LOG_MISSING, LOG_DAMAGED, … */
export function verifyOffline(
  { surroundings }: Session,
  dir: string,
  anchor: Head | undefined,
  withBlobs: boolean,
): AsyncGenerator<Step, Checked> {
  const folder = dataFolder(surroundings.cwd, dir);
  const blobs = withBlobs ? { blobs: createFileBlobStore(folder) } : {};
  return steps(surroundings.now, async (onProgress) => {
    try {
      return await checkLog(folder, { onProgress, ...(anchor ? { anchor } : {}), ...blobs });
    } catch (error) {
      const marker = await readMarker(folder).catch(() => null);
      throw explained(await naming(error, folder, marker?.seq ?? null), dir, true);
    }
  });
}
