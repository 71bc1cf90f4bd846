import { join, resolve } from 'node:path';
import type { Repaired } from '../../adapters/archive/repair/repair-log.ts';
import { steps } from '../../core/clock/steps.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { showSteps } from '../archive/show-steps.ts';
import type { Invocation } from '../command-spec.ts';
import { counted } from '../terminal/bar.ts';
import { cross, joinText, type Text, t, tick, yellow } from '../terminal/text.ts';

const names: Readonly<Record<string, string>> = { files: 'Files of the database', blobs: 'Payloads' };
const words = (stage: string) => ({ name: names[stage] ?? 'Events', unit: stage === 'events' ? 'event' : 'file' });
/** So many of a kind are named to people; `--json` has all. */
const mostNamed = 20;

/** `cloud repair`. 1 when something could not be saved, as other programs that repair do. */
export async function repair({ session, options }: Invocation): Promise<number> {
  const [dir, to] = [options.text('dir'), options.text('to')];
  if (!dir || !to) {
    throw new PloinkyError(
      'USAGE',
      'This copies what is good of a damaged folder: name it with --dir, and a new one with --to.',
    );
  }
  const { dataFolder } = await import('../offline/open-log.ts');
  const { repairLog } = await import('../../adapters/archive/repair/repair-log.ts');
  const { cwd, now } = session.surroundings;
  const target = resolve(cwd, to);
  const work = steps(now, (tell) => repairLog(dataFolder(cwd, dir), target, tell));
  const result = await showSteps(session, work, words);
  const { lost, aside, blobs, troubles } = result;
  const unsaved = lost.length + aside.length + blobs.damaged.length + blobs.missing.length + troubles.length;
  session.out.result({ folder: target, whole: unsaved === 0, ...result }, () =>
    joinText(told(result, target, unsaved)),
  );
  return unsaved === 0 ? 0 : 1;
}

function told({ head, once, lost, aside, blobs, troubles }: Repaired, target: string, unsaved: number): Text[] {
  return [
    head.seq === 0
      ? t`${cross} The beginning of the log is lost, so no log could be made.`
      : t`${tick} Saved ${counted(head.seq, 'event')} of ${once}, and ${counted(blobs.saved, 'payload')}, in ${target}.`,
    ...listed(
      lost.map(({ from, to }) => t`${cross} Lost: ${from === to ? `event ${from}` : `events ${from} to ${to}`}`),
    ),
    ...listed(
      aside.map(({ from, to, file }) => {
        return t`${yellow('!')} Good, but behind a hole: events ${from} to ${to}, in ${join(target, file)}`;
      }),
    ),
    ...listed(blobs.damaged.map((name) => t`${cross} Lost: payload ${name}, which was changed`)),
    ...listed(blobs.missing.map((name) => t`${cross} Lost: payload ${name}, which is gone`)),
    ...listed(troubles.map((trouble) => t`${cross} Not read: ${trouble}`)),
    ...(unsaved === 0 ? [t`${tick} Nothing is missing.`] : []),
    ...(head.seq === 0 ? [] : [t`  → p-cli cloud verify --blobs --dir ${target}`]),
  ];
}

function listed(lines: readonly Text[]): Text[] {
  const more = lines.length - mostNamed;
  return more > 0 ? [...lines.slice(0, mostNamed), t`  … and ${more} more; --json names all`] : [...lines];
}
