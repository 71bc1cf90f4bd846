import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import { block, joinText, t } from '../terminal/text.ts';

const ofContainers = ['follow', 'since', 'grep', 'replica', 'lines', 'stderr'] as const;

/** `cloud logs` */
export async function logs(invocation: Invocation): Promise<void> {
  const { session, args, options } = invocation;
  // A number is that of lines of the server's log; a deployment has a slash.
  if (args[0]?.includes('/')) {
    const { containerLogs } = await import('./container-logs.ts');
    return containerLogs(invocation, args[0]);
  }
  for (const name of ofContainers) {
    if (options.text(name) === undefined && !options.flag(name)) continue;
    throw new PloinkyError('USAGE', `--${name} goes with a deployment.`, {
      hint: 'For example: p-cli cloud logs localhost/demo --follow',
    });
  }
  const lines = lineCount(args[0]);
  const deployment = options.text('deployment');
  const release = releaseNumber(options.text('release'), deployment);
  const api = await session.api();
  const text = await (deployment === undefined
    ? api.text('GET', '/management/api/logs', { query: { lines } })
    : api.text('GET', '/management/api/output', { query: { deployment, lines: lines ?? 100, release } }));
  const found = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  session.out.result({ lines: deployment === undefined ? found.map(parsed) : found }, () =>
    found.length === 0 ? t`No lines yet.` : block(found.join('\n')),
  );
}

/** `cloud logs list` */
export async function listLogs({ session }: Invocation): Promise<void> {
  const { dates = [] } = await (await session.api()).manage<{ dates?: readonly string[] }>('GET', 'logs/list');
  session.out.result({ dates }, () =>
    dates.length === 0 ? t`No logs yet.` : joinText(dates.map((date) => t`${date}`)),
  );
}

function releaseNumber(text: string | undefined, deployment: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (deployment === undefined)
    throw new PloinkyError('USAGE', '--release goes with a deployment.', {
      hint: 'For example: p-cli cloud logs localhost/demo --release 3',
    });
  if (!/^#?[1-9]\d{0,8}$/.test(text)) throw new PloinkyError('USAGE', `${JSON.stringify(text)} is no release.`);
  return Number(text.replace('#', ''));
}

/** Undefined leaves it to the server's setting lastLogsLines. */
function lineCount(word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  const count = Number(word);
  if (!Number.isInteger(count) || count < 1 || count > 5000) {
    throw new PloinkyError('USAGE', `${JSON.stringify(word)} is no number of lines from 1 to 5000.`, {
      hint: 'p-cli cloud logs [deployment | lines] | list | download <date>',
    });
  }
  return count;
}

/** A log line is a JSON object; one that is not stays text. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}
