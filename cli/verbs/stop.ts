import { setTimeout as pause } from 'node:timers/promises';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import { defaultServerUrl } from '../connection/server-url.ts';
import { probe } from '../server/health-probe.ts';
import { processStart } from '../server/process-identity.ts';
import type { Session } from '../session.ts';
import { elapsed } from '../terminal/duration.ts';
import { Progress } from '../terminal/progress.ts';
import { nextStep } from '../terminal/report-error.ts';
import { t, tick } from '../terminal/text.ts';

/** `cloud stop` */
export async function stop({ session, options }: Invocation): Promise<void> {
  const file = await session.cloudFile.read();
  const { serverPid: pid, serverStart } = file;
  const start = pid === undefined ? undefined : await processStart(pid);
  if (pid === undefined || start === undefined) return nothingToStop(session, file.serverUrl ?? defaultServerUrl);
  if (serverStart === undefined || start !== serverStart) {
    throw new PloinkyError(
      'SERVER_NOT_OURS',
      `Process ${pid} is not, or not provably, the server that was started from here; it was left alone.`,
    );
  }
  const limitMs = seconds(options.text('timeout')) * 1000;
  const progress = new Progress(session.out, session.surroundings);
  try {
    process.kill(pid, 'SIGTERM');
    progress.begin('stopping the server');
    while ((await processStart(pid)) === start) {
      if (progress.total > limitMs) {
        throw new PloinkyError(
          'SERVER_TIMEOUT',
          `Process ${pid} still runs ${elapsed(progress.total)} after SIGTERM.`,
          {
            hint: `Wait and look again, or end it by hand: kill -9 ${pid}. No acknowledged event is lost by that.`,
          },
        );
      }
      await pause(50, undefined, { signal: session.surroundings.signal });
    }
  } finally {
    progress.close();
  }
  await session.cloudFile.update({ serverPid: undefined, serverStart: undefined });
  session.out.result({ stopped: true, pid }, () => t`${tick} Server stopped (process ${pid})`);
  if (!session.out.json) {
    session.out.note(
      nextStep(
        'Agents keep running; the next `p-cli cloud start` takes them over. To end them: `p-cli cloud destroy all`',
      ),
    );
  }
}

async function nothingToStop(session: Session, url: string): Promise<void> {
  const { serverPid } = await session.cloudFile.read();
  if (serverPid !== undefined) await session.cloudFile.update({ serverPid: undefined, serverStart: undefined });
  if ((await probe(url, 2_000, session.surroundings.signal)).kind === 'ploinky') {
    throw new PloinkyError('SERVER_NOT_OURS', `The server at ${url} was not started from this folder.`);
  }
  session.out.result({ stopped: false, pid: null }, () => t`No server runs that was started from here`);
}

function seconds(text: string | undefined): number {
  if (text === undefined) return 30;
  const value = Number(text);
  if (!(value > 0 && value <= 86_400)) throw new PloinkyError('USAGE', `--timeout takes seconds, not ${text}.`);
  return value;
}
