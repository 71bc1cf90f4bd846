import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { BackupBroken, readBackup } from '../../adapters/archive/read-backup.ts';
import { steps } from '../../core/clock/steps.ts';
import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import { seqOfGroupKey } from '../../core/log/keys.ts';
import { checked } from '../archive/checked.ts';
import { showSteps } from '../archive/show-steps.ts';
import { writeWhole } from '../archive/write-file.ts';
import type { Invocation } from '../command-spec.ts';
import { patientMs } from '../connection/api.ts';
import { bytes, counted } from '../terminal/bar.ts';
import { joinText, t, tick, yellow } from '../terminal/text.ts';

const words = (stage: string) =>
  stage === 'files' ? { name: 'Payloads and repositories', unit: 'file' } : { name: 'Events', unit: 'event' };

/** `cloud backup <file>` */
export async function backup({ session, args: [file = ''], options }: Invocation): Promise<void> {
  const { cwd, signal, now } = session.surroundings;
  const path = resolve(cwd, file);
  const repositories = options.flag('repositories');
  const dir = options.text('dir');
  // What is damaged would be found by the restore, when it is too late.
  await checked(session, dir);
  let size = 0;
  const write = (open: () => Promise<Readable>) =>
    steps(now, (tell) =>
      writeWhole(path, open as () => Promise<AsyncIterable<Buffer>>, (passing) => {
        let of = 0;
        let files = 0;
        const measured = (async function* () {
          for await (const piece of passing) {
            if (signal.aborted) throw signal.reason;
            size += piece.length;
            yield piece;
          }
        })();
        return readBackup(file, measured, {
          header: ({ head }) => {
            of = head.seq;
            tell('records', 0, of);
          },
          records: (records) => {
            const last = records.findLast(([key]) => key.startsWith('e!'));
            if (last) tell('records', Math.min(of, seqOfGroupKey(last[0])), of);
          },
          file: () => {
            files += 1;
            tell('files', files, null);
          },
        });
      }),
    );
  let work: ReturnType<typeof write>;
  if (dir === undefined) {
    const api = await session.api();
    const query = { repositories: repositories ? undefined : 'false' };
    work = write(() => api.stream('GET', '/management/api/backup', { query, timeoutMs: patientMs }));
  } else {
    const { backupOffline } = await import('../offline/backup-offline.ts');
    work = backupOffline(session, dir, repositories, write);
  }
  const { header, trailer } = await showSteps(session, work, words).catch((error: unknown) => {
    throw isBroken(error) ? brokenOnItsWay(file, error) : error;
  });
  const { head, cloudId } = header;
  const { skipped, ...counts } = trailer;
  session.out.result({ file: path, bytes: size, cloudId, head, ...counts, skipped }, () =>
    joinText([
      t`${tick} Saved ${file}: ${counted(head.seq, 'event')}, ${bytes(size)}.`,
      ...skipped.map((name) => t`${yellow('!')} Left out, since it cannot be read: ${name}`),
      ...(counts.secrets > 0 ? [t`  The key of the secrets is not in it; keep secrets.key elsewhere.`] : []),
    ]),
  );
}

function isBroken(error: unknown): error is Error {
  if (error instanceof BackupBroken || isPloinkyError(error, 'ARCHIVE_INVALID')) return true;
  return ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes((error as { code?: string }).code ?? '');
}

function brokenOnItsWay(file: string, error: Error): PloinkyError {
  return new PloinkyError('SERVER_UNREACHABLE', `The backup did not arrive whole; ${file} was not written.`, {
    hint: 'See `p-cli cloud logs` for why it ended, then run the same command again.',
    cause: error,
  });
}
