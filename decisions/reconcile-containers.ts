import { containerName } from '../core/names/names.ts';
import type { Views } from '../projections/views.ts';
import type { PloinkyEffect } from './effects.ts';
import { wantedReleases } from './reconcile-releases.ts';

/** Containers of the log that no living release needs are stopped and removed; then their checkouts go. */
export function reconcileContainers(views: Views): PloinkyEffect[] {
  const cloudId = views.cloud.get('cloud')?.cloudId;
  if (cloudId === undefined) return [];
  const wanted = new Set<string>();
  for (const deployment of views.deployments.values()) {
    for (const release of wantedReleases(views, deployment)) {
      if (release.status === 'installed' || release.status === 'serving') {
        wanted.add(containerName(deployment.id, release.n, cloudId));
      }
    }
  }
  const effects: PloinkyEffect[] = [];
  const inUse = new Set<string>();
  for (const { name, deployment, release, lastEvent, trace } of views.containers.values()) {
    inUse.add(`${deployment}#${release}`);
    if (wanted.has(name)) continue;
    effects.push({
      id: `stop:${name}`,
      kind: 'stopContainer',
      lane: deployment,
      container: name,
      reason: reasonFor(views, `${deployment}#${release}`),
      // What made the container needless, not what it last did.
      cause: views.releases.get(`${deployment}#${release}`)?.lastEvent ?? lastEvent,
      trace,
    });
  }
  for (const release of views.releases.values()) {
    if (release.cleaned || inUse.has(release.id)) continue;
    if (release.status !== 'failed' && release.status !== 'retired') continue;
    const { id, deployment, lastEvent, trace } = release;
    effects.push({ id: `clean:${id}`, kind: 'cleanRelease', lane: deployment, release: id, cause: lastEvent, trace });
  }
  return effects;
}

function reasonFor(views: Views, release: string): string {
  const status = views.releases.get(release)?.status;
  if (status === 'failed') return 'its release failed';
  if (status === 'retired') return 'its release was retired';
  return 'no release needs it';
}
