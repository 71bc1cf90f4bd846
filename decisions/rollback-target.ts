import { sameJson } from '../core/json/same-json.ts';
import { releaseId } from '../core/names/names.ts';
import type { Deployment } from '../projections/deployments.ts';
import type { Release } from '../projections/releases.ts';
import type { Views } from '../projections/views.ts';

/**
 * The release that served before the one that serves now; where nothing serves, the one that served last. A release
 * that was itself a rollback counts as its target, so that rolling back twice goes further back and never returns to
 * what was left. One that only renewed the secrets of what served counts as itself: before it served its target.
 */
export function precedingRelease(views: Views, deployment: Deployment): Release | undefined {
  const serving = deployment.routed === null ? undefined : releaseOf(views, deployment.id, deployment.routed);
  const before = serving ? renewedOrRoot(views, serving).n : deployment.latest + 1;
  for (let n = before - 1; n >= 1; n -= 1) {
    const release = releaseOf(views, deployment.id, n);
    if (release && release.servedAt !== null) return asItsTarget(views, release);
  }
  return undefined;
}

/**
 * The release that this one goes back to, over any number of rollbacks, but no further than to one that only renewed
 * secrets; itself where it was none.
 */
function renewedOrRoot(views: Views, release: Release): Release {
  const target = release.pinned ? releaseOf(views, release.deployment, release.pinned.release) : undefined;
  return !target || renewsSecrets(views, release, target) ? release : renewedOrRoot(views, target);
}

/** Other secrets in place of what served directly before. */
function renewsSecrets(views: Views, release: Release, target: Release): boolean {
  if (sameJson(release.source?.secrets, target.source?.secrets)) return false;
  for (let n = target.n + 1; n < release.n; n += 1) {
    if ((releaseOf(views, release.deployment, n)?.servedAt ?? null) !== null) return false;
  }
  return true;
}

/** The same release under its first number, as long as it ran with the same secrets. */
function asItsTarget(views: Views, release: Release): Release {
  const target = release.pinned ? releaseOf(views, release.deployment, release.pinned.release) : undefined;
  if (!target || !sameJson(target.source?.secrets, release.source?.secrets)) return release;
  return asItsTarget(views, target);
}

export function releaseOf(views: Views, deployment: string, n: number): Release | undefined {
  return views.releases.get(releaseId(deployment, n));
}
