import { resolve } from 'node:path';
import { noIsolation } from '../../adapters/engine/isolation.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import { patientMs } from '../connection/api.ts';
import { readJsonFile } from '../connection/json-file.ts';
import { deployRequest } from '../deploy/deploy-request.ts';
import { exampleCall } from '../deploy/example-call.ts';
import { followRelease } from '../deploy/follow-release.ts';
import { watched } from '../deploy/follow-to-end.ts';
import type { Session } from '../session.ts';
import { nextStep } from '../terminal/report-error.ts';
import { bold, t, tick, yellow } from '../terminal/text.ts';

interface DeployAnswer {
  readonly deployment: {
    readonly domain: string;
    readonly path: string;
    readonly agent: string;
    readonly replicas?: number;
  };
  readonly release: number;
  readonly isolation?: string | null;
  /** What was chosen before and is not chosen now. */
  readonly dropped?: readonly string[];
  readonly seq: number;
  readonly trace: string;
}

/** `cloud deploy` */
export async function deploy({ session, args, options }: Invocation): Promise<void> {
  const { out } = session;
  const file = options.text('config');
  const request = deployRequest(args, options, await configFrom(session, file), file ?? '');
  const api = await session.api();
  const answer = await api.manage<DeployAnswer>('POST', 'deployments', {
    query: { wait: 'false' },
    body: request,
    timeoutMs: patientMs,
  });
  const { domain, path, agent, replicas = 1 } = answer.deployment ?? request;
  const deployment = `${domain}${path}`;
  warn(session, answer);
  if (options.flag('detach')) {
    if (answer.isolation === 'none') out.note(yellow(t`! ${noIsolation}`));
    out.result(answer, () => t`${tick} Release ${answer.release} of ${deployment} requested`);
    if (!out.json) out.note(nextStep(`p-cli cloud history --deployment ${deployment} --follow`));
    return;
  }
  const { release, isolation, dropped, seq } = answer;
  const pending = { deployment, release, replicas, seq, isolation };
  const served = await watched(session, deployment, () => followRelease(session, api, pending));
  const { address, curl, calls } = exampleCall(api.serverUrl, domain, path, served);
  const known = served.runs ? isolation : null;
  out.result({ success: true, deployment, release, replicas, isolation: known, dropped, address, curl }, () => {
    return t`${tick} Deployed '${agent}' to ${domain}${path}`;
  });
  if (out.json) return;
  out.note(t`  ${bold(address)}`);
  out.note(curl === null ? t`  POST ${calls ?? address} calls a command` : t`  ${curl}`);
}

/** What is easily overlooked, before the long part begins. */
function warn({ out }: Session, { dropped = [] }: DeployAnswer): void {
  if (dropped.length === 0) return;
  out.note(yellow(t`! not given this time, so no longer set: ${dropped.join(', ')}`));
}

async function configFrom(session: Session, file: string | undefined): Promise<unknown> {
  if (file === undefined) return undefined;
  const content = await readJsonFile(resolve(session.surroundings.cwd, file));
  if (content === undefined) throw new PloinkyError('FILE_UNREADABLE', `There is no file ${file}.`);
  return content;
}
