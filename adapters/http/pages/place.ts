import { releaseId } from '../../../core/names/names.ts';
import { type Condition, conditionOf } from '../../../decisions/condition-of.ts';
import { commitOf } from '../../../decisions/redeploy-on-push.ts';
import { restartPolicyOf } from '../../../decisions/restart-policy.ts';
import type { Container } from '../../../projections/containers.ts';
import type { Deployment } from '../../../projections/deployments.ts';
import type { Release } from '../../../projections/releases.ts';
import type { Views } from '../../../projections/views.ts';
import type { CurrentSample } from '../../samples/sampler.ts';
import type { CloudPort } from '../cloud-port.ts';
import { deploymentAnswer } from '../management/deployment-view.ts';

/** A deployment as pages show it. */
export interface Place {
  readonly id: string;
  readonly answer: ReturnType<typeof deploymentAnswer>;
  /** All that there are, also those of releases that come and go: newest release first. */
  readonly containers: readonly ShownContainer[];
  /** How the asking of its remote goes; null where nothing asks. */
  readonly remote: ReturnType<CloudPort['remoteState']>;
  /** The newest release, as long as it is on its way to serve. */
  readonly making: number | null;
  /** Of the newest release that has one: what the branch was seen at last. */
  readonly seenCommit: string | null;
  /** The newest release that failed with a commit of its own, when nothing served since. */
  readonly failedCommit: { readonly commit: string; readonly release: number } | null;
}

export interface ShownContainer {
  readonly container: Container;
  readonly role: 'serves' | 'warm' | 'draining' | 'new' | 'none';
  readonly condition: Condition;
  readonly restarts: number;
  readonly sample: CurrentSample | null;
}

type PlaceViews = Pick<Views, 'cloud' | 'releases' | 'containers' | 'repositories'>;

/** @param now ms since 1970 */
export function placeOf(
  views: PlaceViews,
  deployment: Deployment,
  cloud: Pick<CloudPort, 'currentSamples' | 'remoteState'>,
  now: number,
): Place {
  const { id } = deployment;
  const answer = deploymentAnswer(views, deployment, now);
  const warm = new Set(answer.containers.filter((one) => one.warm).map(({ name }) => name));
  const samples = new Map(cloud.currentSamples().map((sample) => [sample.container, sample]));
  const containers = [...views.containers.values()]
    .filter((container) => container.deployment === id)
    .sort((a, b) => b.release - a.release || a.replica - b.replica)
    .map((container) => ({
      container,
      role: roleOf(container, deployment, warm),
      condition: conditionOf(container, restartPolicyOf(views.releases.get(releaseId(id, container.release)))),
      restarts: Math.max(0, container.attempt - 1),
      sample: samples.get(container.name) ?? null,
    }));
  const newest = releasesOf(views, deployment);
  const failed = newest.find(({ n, failure }) => failure !== null && n > (deployment.routed ?? 0));
  const failedAt = failed ? commitOf(failed) : null;
  return {
    id,
    answer,
    containers,
    making: deployment.underWay.at(-1)?.release ?? null,
    remote: answer.watch?.repository == null ? null : cloud.remoteState(answer.watch.repository),
    seenCommit: newest.map(commitOf).find((commit) => commit !== null) ?? null,
    failedCommit: failed && failedAt !== null ? { commit: failedAt, release: failed.n } : null,
  };
}

/** Newest first. */
export function releasesOf({ releases }: Pick<Views, 'releases'>, { id, latest }: Deployment): Release[] {
  const numbers = Array.from({ length: latest }, (_, i) => latest - i);
  return numbers.flatMap((n) => releases.get(releaseId(id, n)) ?? []);
}

function roleOf(
  { status, release, name }: Container,
  { routed }: Deployment,
  warm: ReadonlySet<string>,
): ShownContainer['role'] {
  if (status === 'stopRequested') return 'draining';
  if (warm.has(name)) return 'warm';
  if (routed === release) return status === 'healthy' ? 'serves' : 'none';
  return routed === null || release > routed ? 'new' : 'none';
}
