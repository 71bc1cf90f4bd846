import type { RunningReport } from '../../adapters/pipeline/running-report.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Api } from '../connection/api.ts';
import { patientMs } from '../connection/api.ts';
import type { Session } from '../session.ts';
import { nextStep } from '../terminal/report-error.ts';
import { joinText, type Text, t } from '../terminal/text.ts';
import { waiting } from '../terminal/waiting.ts';
import { followRelease, type PendingRelease } from './follow-release.ts';
import { runningText } from './rollback-text.ts';

/**
 * Follows a release until it serves, then reads back from the engine what really runs and prints both.
 * @throws PloinkyError with the problem of the stage that failed; RUNS_OTHERWISE
 */
export async function followToEnd(
  session: Session,
  api: Api,
  pending: PendingRelease,
  result: object,
  done: () => Text,
): Promise<void> {
  await watched(session, pending.deployment, () => followRelease(session, api, pending));
  await readBack(session, api, pending, result, done);
}

/**
 * Asks the engine what runs, and prints that with the result.
 * @throws PloinkyError RUNS_OTHERWISE; SUPERSEDED when another release serves by now
 */
export async function readBack(
  session: Session,
  api: Api,
  { deployment, release }: Pick<PendingRelease, 'deployment' | 'release'>,
  result: object,
  done: () => Text,
): Promise<void> {
  const query = { deployment };
  const asked = api.manage<RunningReport>('GET', 'deployments/running', { query, timeoutMs: patientMs });
  const running = await waiting(session, 'reading back what runs', asked);
  if (running.release !== release) {
    throw new PloinkyError('SUPERSEDED', `Release ${running.release} serves at ${deployment} by now.`);
  }
  const text = await runningText(running);
  if (running.differences.length > 0) {
    if (!session.out.json) session.out.note(text);
    const told = running.differences.map(({ what, expected, found }) => `${what} is ${found}, not ${expected}`);
    throw new PloinkyError(
      'RUNS_OTHERWISE',
      `What runs for ${deployment} is not what was asked for: ${told.join('; ')}.`,
      { details: { running } },
    );
  }
  session.out.result({ ...result, running }, () => joinText([done(), text]));
}

/** Ctrl-C ends the watching, not the release. */
export async function watched<T>(session: Session, deployment: string, follow: () => Promise<T>): Promise<T> {
  try {
    return await follow();
  } catch (error) {
    if (session.surroundings.signal.aborted) {
      session.out.note(t`The release goes on in the server.`);
      session.out.note(nextStep(`p-cli cloud history --deployment ${deployment} --follow`));
    }
    throw error;
  }
}
