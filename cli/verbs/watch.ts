import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import { shortText } from '../history/short-value.ts';
import type { Session } from '../session.ts';
import { elapsed } from '../terminal/duration.ts';
import { nextStep } from '../terminal/report-error.ts';
import { table } from '../terminal/table.ts';
import { dim, type Piece, red, t, tick, yellow } from '../terminal/text.ts';
import type { DeploymentRow, WatchRow } from './deployments.ts';

interface WatchAnswer {
  readonly deployment: DeploymentRow;
  readonly changed: boolean;
  readonly trace: string;
}

interface WatchEntry extends WatchRow {
  readonly deployment: string;
  readonly commit: string | null;
  readonly askedAt: string | null;
  readonly nextInMs: number | null;
  readonly problem: { readonly code: string; readonly message: string } | null;
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
  const text = await table(watches.map(cells));
  session.out.result({ watches }, () =>
    watches.length === 0 ? t`Nothing is watched. Watch a deployment with: p-cli cloud watch <host> <path>` : text,
  );
}

function cells(entry: WatchEntry): Piece[] {
  const { deployment, repository, branch, commit, rests, problem } = entry;
  if (rests !== null) return [deployment, '', (commit ?? '').slice(0, 8), yellow(`rests: ${rests}`)];
  const state = problem ? red(shortText(`${problem.code}: ${problem.message}`, 100)) : dim(askedText(entry));
  return [deployment, `${repository ?? ''} ${branch ?? '(default branch)'}`, (commit ?? '').slice(0, 8), state];
}

function askedText({ askedAt, nextInMs }: WatchEntry): string {
  const asked = askedAt === null ? 'not asked yet' : `asked ${askedAt.slice(11, 19)}`;
  return nextInMs === null ? `${asked}; waits for the release under way` : `${asked}, again in ${elapsed(nextInMs)}`;
}
