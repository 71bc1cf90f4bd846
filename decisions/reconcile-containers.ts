import type { Container } from '../projections/containers.ts';
import type { Views } from '../projections/views.ts';
import type { PloinkyEffect } from './effects.ts';
import { wantedReleases } from './reconcile-releases.ts';
import { wantedContainers } from './wanted-containers.ts';

/** Containers of the log that no living release needs are stopped and removed; then their checkouts go. */
export function reconcileContainers(views: Views): PloinkyEffect[] {
  const cloudId = views.cloud.get('cloud')?.cloudId;
  if (cloudId === undefined) return [];
  const wanted = new Set<string>();
  for (const deployment of views.deployments.values()) {
    for (const release of wantedReleases(views, deployment)) {
      if (release.status !== 'installed' && release.status !== 'serving') continue;
      for (const { name } of wantedContainers(deployment, release, cloudId)) wanted.add(name);
    }
  }
  const effects: PloinkyEffect[] = [];
  const inUse = new Set<string>();
  for (const container of views.containers.values()) {
    const { name, deployment, release } = container;
    inUse.add(`${deployment}#${release}`);
    // One that is on its way out goes all the way, also when it is wanted again meanwhile: then a fresh one follows.
    const leaving = container.status === 'stopRequested' || container.status === 'stopped';
    if (wanted.has(name) && !leaving) continue;
    effects.push({ id: `stop:${name}`, kind: 'stopContainer', lane: name, container: name, ...why(views, container) });
  }
  for (const release of views.releases.values()) {
    if (release.cleaned || inUse.has(release.id)) continue;
    if (release.status !== 'failed' && release.status !== 'retired') continue;
    const { id, deployment, lastEvent, trace } = release;
    effects.push({ id: `clean:${id}`, kind: 'cleanRelease', lane: deployment, release: id, cause: lastEvent, trace });
  }
  return effects;
}

/** What made the container needless, not what it last did. */
function why(views: Views, { deployment, release: n, lastEvent, trace }: Container) {
  const release = views.releases.get(`${deployment}#${n}`);
  const known = views.deployments.get(deployment);
  if (release?.status === 'failed') return { reason: 'its release failed', cause: release.lastEvent, trace };
  if (release?.status === 'retired') return { reason: 'its release was retired', cause: release.lastEvent, trace };
  if (release && known?.scaled) {
    const { replicas, scaled } = known;
    const reason = `its deployment was scaled to ${replicas === 1 ? '1 replica' : `${replicas} replicas`}`;
    return { reason, cause: scaled.event, trace: scaled.trace };
  }
  return { reason: 'no release needs it', cause: release?.lastEvent ?? lastEvent, trace };
}
