import type { PloinkyDraft } from '../core/events/catalogue.ts';
import type { Release } from '../projections/releases.ts';
import type { Views } from '../projections/views.ts';
import { retired } from './decide-deployments.ts';
import { watchAsBefore } from './decide-watch.ts';
import { mayServe } from './reconcile-releases.ts';

/**
 * From now on this release serves; the one before it retires in the same breath. All of it is stored, or nothing. Nothing where
 * it may not serve any more.
 */
export function routeRelease(views: Views, release: Release): PloinkyDraft[] {
  if (!mayServe(views, release.id)) return [];
  const { deployment, n } = release;
  const previous = views.deployments.get(deployment)?.routed ?? null;
  const routed: PloinkyDraft = {
    type: 'deployment.routed',
    stream: `deployment:${deployment}`,
    data: { release: n, previous },
  };
  const replaced = previous === null ? [] : [retired(deployment, previous, `replaced by release ${n}`)];
  return [routed, ...rolledBack(release), ...replaced];
}

/** Where the release was to bring an earlier one back, it has done so now. */
function rolledBack({ deployment, n, pinned, reason, config }: Release): PloinkyDraft[] {
  if (!pinned) return [];
  const data = { release: n, target: pinned.release, reason, outcome: 'deployed', config } as const;
  return [{ type: 'deployment.rolledBack', stream: `deployment:${deployment}`, data }];
}

type Failed = Extract<PloinkyDraft, { type: 'release.failed' }>;

/**
 * A release that will not serve; where it was to bring an earlier one back, that failed as well. A watch that it came with, or
 * ended, is as before.
 */
export function failRelease(views: Views, failed: Failed): PloinkyDraft[] {
  const release = views.releases.get(failed.stream.slice('release:'.length));
  if (!release) return [failed];
  const deployment = views.deployments.get(release.deployment);
  const asBefore = deployment && deployment.status !== 'removed' ? watchAsBefore(deployment, release.n) : [];
  if (!release.pinned) return [failed, ...asBefore];
  const { stage, problem } = failed.data;
  const data = { release: release.n, target: release.pinned.release, stage, problem };
  return [failed, { type: 'deployment.rollbackFailed', stream: `deployment:${release.deployment}`, data }, ...asBefore];
}
