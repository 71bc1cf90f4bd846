import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import { type WatchEntry, watchText } from '../deploy/watch-text.ts';
import type { Session } from '../session.ts';
import { nextStep } from '../terminal/report-error.ts';
import { t, tick, yellow } from '../terminal/text.ts';
import type { DeploymentRow } from './deployments.ts';

interface WatchAnswer {
  readonly deployment: DeploymentRow;
  readonly changed: boolean;
  readonly trace: string;
}

/** `cloud watch [host] [path]` */
export async function watch({ session, args }: Invocation): Promise<void> {
  const [domain, path] = args;
  if (domain === undefined) return list(session);
  if (path === undefined) throw new PloinkyError('USAGE', 'watch takes a host and a path, or neither.');
  const answer = await change(session, domain, path, true);
  const { deployment } = answer;
  const id = `${deployment.domain}${deployment.path}`;
  session.out.result(answer, () => {
    const branch = deployment.watch?.branch ?? 'the default branch';
    return t`${tick} ${id} follows the pushes to ${branch}${answer.changed ? '' : ', as before'}`;
  });
  const rests = deployment.watch?.rests;
  if (rests == null || session.out.json) return;
  session.out.note(yellow(t`! Pushes do nothing for now: ${rests}.`));
  if (deployment.pin == null) return;
  const { domain: host, path: at, agent } = deployment;
  session.out.note(nextStep(`Unpin it by a deploy: p-cli cloud deploy ${host} ${at} ${agent} --branch <name>`));
}

/** `cloud unwatch <host> <path>` */
export async function unwatch({ session, args }: Invocation): Promise<void> {
  const [domain = '', path = ''] = args;
  const answer = await change(session, domain, path, false);
  const { deployment } = answer;
  session.out.result(answer, () => {
    return t`${tick} ${deployment.domain}${deployment.path} follows no pushes${answer.changed ? ' any more' : ', as before'}`;
  });
}

async function change(session: Session, domain: string, path: string, watch: boolean): Promise<WatchAnswer> {
  const api = await session.api();
  return api.manage<WatchAnswer>('POST', 'deployments/watch', { body: { domain, path, watch } });
}

async function list(session: Session): Promise<void> {
  const api = await session.api();
  const { watches } = await api.manage<{ watches: readonly WatchEntry[] }>('GET', 'watches');
  const text = await watchText(watches, session.out.columns);
  session.out.result({ watches }, () =>
    watches.length === 0 ? t`Nothing is watched. Watch a deployment with: p-cli cloud watch <host> <path>` : text,
  );
}
