import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { steps } from '../../core/clock/steps.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { showSteps } from '../archive/show-steps.ts';
import { targetFolder } from '../archive/target-folder.ts';
import type { Invocation } from '../command-spec.ts';
import type { Session } from '../session.ts';
import { counted } from '../terminal/bar.ts';
import { joinText, t, tick } from '../terminal/text.ts';

/** `cloud import <file>` */
export async function importInto(invocation: Invocation): Promise<void> {
  const { session, args } = invocation;
  const data = targetFolder(invocation, 'dir');
  const { importLog } = await import('../../adapters/archive/import-log.ts');
  const { linesOf } = await import('../../adapters/archive/lines.ts');
  const file = args[0] ?? '';
  const lines = linesOf(await sourceOf(session, file));
  const label = file === '-' ? 'from stdin' : basename(file);
  const work = steps(session.surroundings.now, (tell) =>
    importLog(data, {
      label,
      lines,
      format: ({ header: { logId, fork } }) => ({ logId, fork }),
      onProgress: (done, of) => tell('events', done, of),
    }),
  );
  const { header, trailer } = await showSteps(session, work, () => ({ name: 'Events', unit: 'event' }));
  const folder = dirname(data);
  session.out.result({ folder, cloudId: header.cloudId, ...trailer }, () =>
    joinText([t`${tick} Imported ${counted(trailer.events, 'event')}.`, t`  → p-cli cloud start --dir ${folder}`]),
  );
}

async function sourceOf({ surroundings }: Session, file: string): Promise<AsyncIterable<Buffer | string>> {
  if (file === '-') {
    if (surroundings.stdin) return surroundings.stdin as AsyncIterable<Buffer | string>;
    throw new PloinkyError('USAGE', 'There is no input to read here; name a file.');
  }
  const path = resolve(surroundings.cwd, file);
  await access(path).catch((error: unknown) => {
    const message = `The export ${file} cannot be read: ${(error as Error).message}.`;
    throw new PloinkyError('FILE_UNREADABLE', message, { cause: error });
  });
  return createReadStream(path) as AsyncIterable<Buffer>;
}
