import { PloinkyError } from '../core/errors/ploinky-error.ts';
import type { PloinkyEvent } from '../core/events/catalogue.ts';
import { upcast } from '../core/events/upcast.ts';
import { deploymentId } from '../core/names/names.ts';
import { acceptedEvents } from '../decisions/accepted-events.ts';
import type { CommandOf } from '../decisions/commands.ts';
import { decide } from '../decisions/decide.ts';
import { precedingRelease, releaseOf } from '../decisions/rollback-target.ts';
import type { Deployment } from '../projections/deployments.ts';
import type { Release } from '../projections/releases.ts';
import type { Views } from '../projections/views.ts';
import { repositoryUrlAt, servingAt, sourceResolvedAt } from './known-at.ts';
import type { Past } from './past.ts';
import { type Difference, differences } from './rollback-differences.ts';

export type RollbackCommand = CommandOf<'rollback'>;

export interface RollbackWish {
  readonly domain: string;
  readonly path: string;
  /** `4` or `#4` = a release; any other moment = what served then; absent = what served before. */
  readonly to?: string | undefined;
  readonly secrets: 'then' | 'now';
  readonly reason: string | null;
  readonly expectSeq: number | null;
}

/** What a rollback would do, for people to see before it begins. */
export interface RollbackPlan {
  readonly deployment: string;
  /** Seq of its last change: what this plan was made of. */
  readonly changedAt: number;
  readonly outcome: 'deploy' | 'noop';
  /** That serves now. */
  readonly serving: number | null;
  readonly target: number;
  /** The new release; null where there is none to make. */
  readonly release: number | null;
  readonly commit: string;
  readonly subject: string;
  readonly repository: string;
  readonly url: string;
  readonly image: {
    readonly reference: string | null;
    readonly digest: string | null;
    readonly imageId: string | null;
  };
  readonly engine: string;
  readonly agent: string;
  /** Names only. */
  readonly environment: readonly string[];
  readonly secrets: Readonly<Record<string, number>>;
  readonly differences: readonly Difference[];
  /** Whose content no rollback touches. */
  readonly volumes: readonly string[];
  readonly volumesRestored: false;
}

/**
 * Finds the target, and what going back to it comes to; changes nothing.
 * @throws PloinkyError with the refusal, MOMENT_*
 */
export async function planRollback(
  past: Pick<Past, 'log' | 'find'>,
  views: Views,
  wish: RollbackWish,
): Promise<{ readonly command: RollbackCommand; readonly plan: RollbackPlan }> {
  const { domain, path, secrets, reason, expectSeq } = wish;
  const id = deploymentId(domain, path);
  const known = views.deployments.get(id);
  if (!known) throw new PloinkyError('DEPLOYMENT_NOT_FOUND', `Nothing was ever deployed at ${id}.`);
  if (expectSeq !== null && known.changedAt > expectSeq) throw await changedSince(past, views, known, expectSeq);
  const { changedAt } = known;
  const target = await targetOf(past, views, known, wish.to);
  const url = await repositoryUrlOf(past, views, id, target);
  // What was looked at must still be so when the decision is made.
  const command = { type: 'rollback', domain, path, target, url, secrets, reason, expectSeq: changedAt } as const;
  const events = acceptedEvents(decide(views, command));
  const requested = events.find((event) => event.type === 'deployment.requested')?.data;
  const release = releaseOf(views, id, target) as Release;
  const serving = known.routed === null ? undefined : releaseOf(views, id, known.routed);
  const { source, config, engine } = release;
  const versions = requested?.pinned?.secrets ?? source?.secrets ?? {};
  const plan: RollbackPlan = {
    deployment: id,
    changedAt,
    outcome: requested ? 'deploy' : 'noop',
    serving: known.routed,
    target,
    release: requested?.release ?? null,
    commit: source?.commit ?? '',
    subject: source?.subject ?? '',
    repository: source?.repository ?? '',
    url,
    image: imageOf(release),
    engine,
    agent: config.agent,
    environment: Object.keys({ ...source?.manifest.environment, ...config.environment }).sort(),
    secrets: versions,
    differences: requested ? differences(serving, release, versions) : [],
    volumes: (source?.manifest.volumes ?? []).map(({ name }) => name),
    volumesRestored: false,
  };
  return { command, plan };
}

function imageOf({ image }: Release): RollbackPlan['image'] {
  const { reference = null, digest = null, imageId = null } = image ?? {};
  return { reference, digest, imageId };
}

async function targetOf(
  past: Pick<Past, 'log' | 'find'>,
  views: Views,
  known: Deployment,
  to: string | undefined,
): Promise<number> {
  if (to === undefined) {
    const before = precedingRelease(views, known);
    if (before) return before.n;
    const what =
      known.routed === null ? 'No release ever served' : `Nothing else served before release ${known.routed}`;
    throw new PloinkyError('NOTHING_TO_ROLL_BACK_TO', `${what} at ${known.id}.`);
  }
  const number = /^#?(\d{1,9})$/.exec(to.trim());
  if (number) return Number(number[1]);
  const seq = await past.find(to.trim());
  const served = await servingAt(past, known.id, seq);
  if (served !== null) return served;
  throw new PloinkyError('NOTHING_TO_ROLL_BACK_TO', `Nothing was served at ${known.id} after event ${seq}.`);
}

/** Of the target's repository when the target was made; one that was moved or removed since keeps its mirror. */
export async function repositoryUrlOf(
  past: Pick<Past, 'log'>,
  views: Views,
  deployment: string,
  n: number,
): Promise<string> {
  const target = releaseOf(views, deployment, n);
  // The decision says what is wrong with it.
  if (!target?.source || target.servedAt === null) return '';
  if (target.pinned) return target.pinned.url;
  const { repository } = target.source;
  const resolvedAt = await sourceResolvedAt(past, target.id);
  const then = await repositoryUrlAt(past, repository, resolvedAt ?? target.servedAt);
  return then ?? views.repositories.get(repository)?.url ?? '';
}

async function changedSince(
  { log }: Pick<Past, 'log'>,
  views: Views,
  known: Deployment,
  expected: number,
): Promise<PloinkyError> {
  const failed = [...views.releases.values()].filter((one) => one.deployment === known.id && one.status === 'failed');
  const since: PloinkyEvent[] = [];
  for (const stream of [`deployment:${known.id}`, ...failed.map(({ id }) => `release:${id}`)]) {
    for await (const stored of log.read({ from: expected + 1, stream })) {
      const event = upcast(stored);
      if (event?.type === 'release.failed' || event?.type.startsWith('deployment.')) since.push(event);
    }
  }
  since.sort((a, b) => a.seq - b.seq);
  const told = since.map(({ type, seq }) => `${type} (event ${seq})`).join(', ');
  return new PloinkyError('CHANGED_SINCE', `${known.id} changed after event ${expected}: ${told}.`, {
    details: { since },
  });
}
