import { dirname } from 'node:path';
import { steps } from '../../core/clock/steps.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { withExport } from '../archive/export-source.ts';
import { showSteps } from '../archive/show-steps.ts';
import { targetFolder } from '../archive/target-folder.ts';
import type { Invocation } from '../command-spec.ts';
import { joinText, t, tick } from '../terminal/text.ts';

/** `cloud fork` */
export async function fork(invocation: Invocation): Promise<void> {
  const { session, options } = invocation;
  const data = targetFolder(invocation, 'dir');
  const at = options.text('at');
  if (at === undefined) {
    throw new PloinkyError('USAGE', 'A fork ends at a moment: say which with --at.', {
      hint: 'Give an event’s number, head, a time or a span back from now.',
    });
  }
  const { forkOf, importLog } = await import('../../adapters/archive/import-log.ts');
  const { linesOf } = await import('../../adapters/archive/lines.ts');
  const work = steps(session.surroundings.now, (tell) =>
    withExport(session, options.text('fromDir'), { to: at }, (bytes) =>
      importLog(data, {
        label: 'of the log to fork',
        lines: linesOf(bytes),
        format: forkOf,
        onProgress: (done, of) => tell('events', done, of),
      }),
    ),
  );
  const { header, trailer } = await showSteps(session, work, () => ({ name: 'Events', unit: 'event' }));
  const folder = dirname(data);
  const { head } = trailer;
  session.out.result({ folder, cloudId: header.cloudId, of: header.logId, head, missing: trailer.missing }, () =>
    joinText([
      t`${tick} Forked: ${folder} holds the history up to event ${head.seq}, with the same hashes.`,
      t`  A server on it answers questions and acts on nothing.`,
      t`  → p-cli cloud start --dir ${folder} --port 0`,
    ]),
  );
}
