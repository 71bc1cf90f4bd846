import type { Step } from '../../core/clock/steps.ts';
import { anchorText } from '../../core/log/anchor.ts';
import type { Checked } from '../../core/log/check-log.ts';
import type { Head } from '../../core/log/log-port.ts';
import type { Session } from '../session.ts';
import { remoteSteps } from './remote-steps.ts';
import { showSteps } from './show-steps.ts';

const words = (stage: string) =>
  stage === 'blobs' ? { name: 'Payloads', unit: 'event' } : { name: 'Hash chain', unit: 'event' };

/**
 * The check of the server's log, or of the one in `dir`, while its progress is shown.
 * @throws PloinkyError LOG_DAMAGED naming the first bad event, ANCHOR_MISMATCH, BLOB_MISSING, LOG_HELD, LOG_MISSING, …
 */
export async function checked(
  session: Session,
  dir: string | undefined,
  anchor?: Head,
  blobs = false,
): Promise<Checked> {
  let work: AsyncGenerator<Step, Checked>;
  if (dir === undefined) {
    const query = { anchor: anchor && anchorText(anchor), blobs: blobs ? 'true' : undefined };
    work = remoteSteps<Checked>(await session.api(), '/management/api/verify', query);
  } else {
    const { verifyOffline } = await import('../offline/verify-offline.ts');
    work = verifyOffline(session, dir, anchor, blobs);
  }
  return showSteps(session, work, words);
}
