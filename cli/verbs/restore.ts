import { dirname, resolve } from 'node:path';
import { steps } from '../../core/clock/steps.ts';
import { showSteps } from '../archive/show-steps.ts';
import { targetFolder } from '../archive/target-folder.ts';
import type { Invocation } from '../command-spec.ts';
import { counted } from '../terminal/bar.ts';
import { joinText, t, tick } from '../terminal/text.ts';

const words = (stage: string) =>
  stage === 'check' ? { name: 'Hash chain', unit: 'event' } : { name: 'Events', unit: 'event' };

/** `cloud restore <file>` */
export async function restore(invocation: Invocation): Promise<void> {
  const { session, args } = invocation;
  const data = targetFolder(invocation, 'dir');
  const { restoreBackup } = await import('../../adapters/archive/restore-backup.ts');
  const { cwd, now } = session.surroundings;
  const file = resolve(cwd, args[0] ?? '');
  const work = steps(now, (tell) => restoreBackup(file, data, tell));
  const { header, trailer } = await showSteps(session, work, words);
  const { sha256: _, skipped, ...counts } = trailer;
  const folder = dirname(data);
  session.out.result(
    { folder, cloudId: header.cloudId, head: header.head, madeAt: header.madeAt, ...counts, skipped },
    () =>
      joinText([
        t`${tick} Restored ${counted(header.head.seq, 'event')} as they were at ${header.madeAt}.`,
        ...(trailer.secrets > 0 ? [t`  Its secrets need the key of then: put secrets.key into ${data}.`] : []),
        t`  → p-cli cloud start --dir ${folder}`,
      ]),
  );
}
