import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import { patientMs } from '../connection/api.ts';
import { replicasOption } from '../deploy/deploy-request.ts';
import { followScale, type PendingScale } from '../deploy/follow-scale.ts';
import { watched } from '../deploy/follow-to-end.ts';
import { nextStep } from '../terminal/report-error.ts';
import { t, tick } from '../terminal/text.ts';
import { waiting } from '../terminal/waiting.ts';

interface ScaleAnswer {
  readonly deployment: { readonly domain: string; readonly path: string };
  readonly previous: number;
  readonly starting: readonly string[];
  readonly stopping: readonly string[];
  /** Servers of before do not tell these two. */
  readonly stayDown?: PendingScale['stayDown'];
  readonly restart?: PendingScale['restart'];
  /** Null where nothing had to change. */
  readonly seq: number | null;
  readonly trace: string;
}

/** `cloud scale <host> <path> <replicas>` */
export async function scale({ session, args, options }: Invocation): Promise<void> {
  const { out } = session;
  const [domain = '', path = '', word = ''] = args;
  const replicas = replicasOption(word);
  if (replicas === undefined) throw new PloinkyError('USAGE', 'scale takes a number of replicas.');
  const api = await session.api();
  const ask = (wait: boolean) =>
    api.manage<ScaleAnswer>('POST', 'deployments/scale', {
      query: { wait: String(wait) },
      body: { domain, path, replicas },
      timeoutMs: patientMs,
    });
  const answer = await ask(false);
  const deployment = `${answer.deployment.domain}${answer.deployment.path}`;
  const told = replicas === 1 ? '1 replica' : `${replicas} replicas`;
  if (options.flag('detach')) {
    out.result(answer, () => t`${tick} ${deployment} is to run in ${told}`);
    if (!out.json) out.note(nextStep('p-cli cloud deployments'));
    return;
  }
  const { seq, previous, starting, stopping, stayDown, restart, trace } = answer;
  // Where nothing had to change, what is still under way began before; the server tells its end.
  if (seq === null) await waiting(session, `waiting for ${deployment}`, ask(true));
  else
    await watched(session, deployment, () =>
      followScale(session, api, { deployment, seq, starting, stopping, stayDown, restart }),
    );
  const result = { success: true, deployment, replicas, previous, started: starting, stopped: stopping, seq, trace };
  out.result(result, () => {
    const before = seq === null ? 'as before' : `${previous} before`;
    return t`${tick} ${deployment} runs in ${told}, ${before}`;
  });
}
