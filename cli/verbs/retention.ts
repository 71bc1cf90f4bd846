import type { RetentionReport, RetentionView } from '../../adapters/retention/retention.ts';
import type { Invocation } from '../command-spec.ts';
import { patientMs } from '../connection/api.ts';
import { bytes, counted } from '../terminal/bar.ts';
import { table } from '../terminal/table.ts';
import { bold, dim, joinText, type Text, t, tick } from '../terminal/text.ts';
import { waiting } from '../terminal/waiting.ts';

/** `cloud retention` */
export async function showRetention({ session, options }: Invocation): Promise<void> {
  const dir = options.text('dir');
  let view: RetentionView;
  if (dir === undefined) {
    view = await (await session.api()).manage<RetentionView>('GET', 'retention', { timeoutMs: patientMs });
  } else {
    const { showRetentionOffline } = await import('../offline/retention-offline.ts');
    view = await waiting(session, 'Read the log', showRetentionOffline(session.surroundings.cwd, dir));
  }
  const rows = await table(view.segments.map(row), { right: [1] });
  const { settings, due } = view;
  session.out.result(view, () =>
    joinText([
      settings.tasks === 'forever'
        ? t`${bold('Task events')} stay where they are ${dim('(retention.tasks)')}`
        : t`${bold('Task events')} move into segment files after ${settings.tasks} ${dim('(retention.tasks)')}`,
      settings.segments === 'forever'
        ? t`${bold('Segment files')} are kept for ever ${dim('(retention.segments)')}`
        : t`${bold('Segment files')} are deleted after ${settings.segments} ${dim('(retention.segments)')}`,
      ...(view.segments.length === 0 ? [t`Nothing is sealed yet.`] : [t``, rows, t``]),
      ...dueLines(due),
    ]),
  );
}

/** `cloud retention run` */
export async function runRetention({ session, options }: Invocation): Promise<void> {
  const dir = options.text('dir');
  const dryRun = options.flag('dryRun');
  let work: Promise<RetentionReport>;
  if (dir === undefined) {
    const query = dryRun ? { dryRun: 'true' } : {};
    work = (await session.api()).manage<RetentionReport>('POST', 'retention/run', { query, timeoutMs: patientMs });
  } else {
    const { runRetentionOffline } = await import('../offline/retention-offline.ts');
    work = runRetentionOffline(session.surroundings.cwd, dir, dryRun);
  }
  const report = await waiting(session, 'Seal, delete and collect what is due', work);
  session.out.result(report, () => joinText(reportLines(report)));
}

function row({ from, to, count, since, until, bytes: size, rawBytes, deleted }: RetentionView['segments'][number]) {
  const state = deleted
    ? t`deleted ${day(deleted.time)} by event ${deleted.seq}: ${deleted.reason}`
    : t`${bytes(size)} ${dim(`of ${bytes(rawBytes)}`)}`;
  return [`${from}–${to}`, counted(count, 'task event'), `${day(since)} to ${day(until)}`, state];
}

function dueLines(due: RetentionView['due']): Text[] {
  const lines = outcomes(due, false);
  return lines.length === 0 ? [t`Nothing is due.`] : [...lines, dim('→ Do it now: p-cli cloud retention run')];
}

function reportLines(report: RetentionReport): Text[] {
  const { dryRun, payloads } = report;
  const found = outcomes(report, !dryRun);
  if (payloads && payloads.count > 0) {
    const what = `${counted(payloads.count, 'payload')} that no event names`;
    found.push(t`${mark(!dryRun)} ${what} ${verb(!dryRun, 'removed')}, ${bytes(payloads.bytes)}`);
  }
  return found.length > 0 ? found : [t`${tick} Nothing ${dryRun ? 'is' : 'was'} due.`];
}

function outcomes({ sealed, deleted, strays }: RetentionView['due'], done: boolean): Text[] {
  return [
    ...sealed.map(({ from, to, count, bytes: size, rawBytes }) => {
      const sizes = size === undefined ? '' : `: ${bytes(rawBytes ?? 0)} in ${bytes(size)}`;
      return t`${mark(done)} ${counted(count, 'task event')} of ${from} to ${to} ${verb(done, 'sealed')}${sizes}`;
    }),
    ...deleted.map(({ from, to, count, bytes: size }) => {
      return t`${mark(done)} ${counted(count, 'task event')} of ${from} to ${to} ${verb(done, 'deleted')}, ${bytes(size)}`;
    }),
    ...strays.map(({ file, bytes: size }) => {
      return t`${mark(done)} segments/${file}, which no event tells of, ${verb(done, 'removed')}, ${bytes(size)}`;
    }),
  ];
}

function mark(done: boolean): Text {
  return done ? tick : dim('·');
}

function verb(done: boolean, past: string): string {
  return done ? past : `to be ${past}`;
}

function day(time: string): string {
  return time.slice(0, 10);
}
