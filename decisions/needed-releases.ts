import type { Release } from '../projections/releases.ts';
import type { Views } from '../projections/views.ts';

/** Releases that nothing may be taken from. */
export interface NeededReleases {
  /** What runs or is being made, and what can be rolled back to. By id. */
  readonly eligible: ReadonlyMap<string, Release>;
  /** Those and the newest of each deployment whatever became of them: somebody may want to know why. By id. */
  readonly recent: ReadonlyMap<string, Release>;
}

/** Of a deployment that was removed one release is kept, so that its removal can be undone. */
const keptOfRemoved = 1;

/** @param keep how many releases of each deployment that served can be rolled back to, the one that serves among them */
export function neededReleases(
  { deployments, releases, containers }: Pick<Views, 'deployments' | 'releases' | 'containers'>,
  keep: number,
): NeededReleases {
  const eligible = new Map<string, Release>();
  const recent = new Map<string, Release>();
  const byDeployment = new Map<string, Release[]>();
  const running = new Set([...containers.values()].map(({ deployment, release }) => `${deployment}#${release}`));
  for (const release of releases.values()) {
    const { id, deployment, status } = release;
    byDeployment.set(deployment, [...(byDeployment.get(deployment) ?? []), release]);
    if ((status !== 'failed' && status !== 'retired') || running.has(id)) eligible.set(id, release);
  }
  for (const [id, own] of byDeployment) {
    const known = deployments.get(id);
    const most = known && known.status !== 'removed' ? keep : keptOfRemoved;
    const newest = own.sort((a, b) => b.n - a.n);
    for (const release of newest.filter(({ servedAt }) => servedAt !== null).slice(0, most)) {
      eligible.set(release.id, release);
    }
    for (const release of newest.slice(0, most)) recent.set(release.id, release);
  }
  for (const [id, release] of eligible) recent.set(id, release);
  return { eligible, recent };
}

/** A release that has not said yet which commit, image or result of an install step it takes: it may take any. */
export function choosing({ releases }: Pick<Views, 'releases'>): boolean {
  for (const { status } of releases.values()) {
    if (status === 'requested' || status === 'sourceResolved' || status === 'imageResolved') return true;
  }
  return false;
}
