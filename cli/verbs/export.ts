import { resolve } from 'node:path';
import { linesOf } from '../../adapters/archive/lines.ts';
import { type ReadExport, readExport } from '../../adapters/archive/read-export.ts';
import { steps } from '../../core/clock/steps.ts';
import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import { withExport } from '../archive/export-source.ts';
import { showSteps } from '../archive/show-steps.ts';
import { writeWhole } from '../archive/write-file.ts';
import type { Invocation } from '../command-spec.ts';
import { counted } from '../terminal/bar.ts';
import type { Sink } from '../terminal/output.ts';
import { joinText, t, tick, yellow } from '../terminal/text.ts';

/** `cloud export [file]` */
export async function exportLog({ session, args: [file = '-'], options }: Invocation): Promise<void> {
  const { cwd, stdout, now, signal } = session.surroundings;
  const dir = options.text('dir');
  const range = { from: options.text('from'), to: options.text('to') };
  const path = resolve(cwd, file);
  const work = steps(now, (tell) => {
    // Verified on its way, so that what is written is proven to be whole.
    const check = (passing: AsyncIterable<Buffer>) => {
      let of = 0;
      return readExport('of this log', linesOf(passing), {
        header: ({ to }) => {
          of = to;
        },
        event: (_line, seq) => {
          if (signal.aborted) throw signal.reason;
          tell('events', seq, of);
        },
      });
    };
    return withExport(session, dir, range, (bytes) =>
      file === '-' ? check(passingTo(stdout, bytes)) : writeWhole(path, async () => bytes, check),
    );
  });
  const words = () => ({ name: 'Events', unit: 'event' });
  const { header, trailer } = await showSteps(session, work, words).catch((error: unknown) => {
    throw explainedEnd(error);
  });
  const { events, missing } = trailer;
  for (const blob of missing) session.out.note(t`${yellow('!')} Left out, since it cannot be read: payload ${blob}`);
  if (file === '-') return;
  session.out.result(told(file, header, trailer), () =>
    joinText([t`${tick} Saved ${file}: ${counted(events, 'event')}, from ${header.from} to ${header.to}.`]),
  );
}

function told(file: string, { from, to }: ReadExport['header'], trailer: ReadExport['trailer']) {
  return { file, from, to, ...trailer };
}

/** A pipe that is read slowly holds us up instead of filling our memory. */
async function* passingTo(sink: Sink, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const stream = sink as Sink & Partial<Pick<NodeJS.WritableStream, 'once'>>;
  for await (const piece of bytes) {
    const went = sink.write(piece.toString('utf8'));
    if (went === false && stream.once) await new Promise<void>((resolve) => stream.once?.('drain', () => resolve()));
    yield piece;
  }
}

function explainedEnd(error: unknown): unknown {
  if (!isPloinkyError(error, 'ARCHIVE_DAMAGED') && (error as { code?: string }).code !== 'ECONNRESET') return error;
  return new PloinkyError('SERVER_UNREACHABLE', 'The export ended before it was whole.', {
    hint: 'See `p-cli cloud logs` for why; `p-cli cloud verify` says whether the log is damaged.',
    cause: error,
  });
}
