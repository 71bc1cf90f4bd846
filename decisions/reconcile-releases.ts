import { containerName } from '../core/names/names.ts';
import type { Container } from '../projections/containers.ts';
import type { Deployment } from '../projections/deployments.ts';
import type { Release } from '../projections/releases.ts';
import type { Views } from '../projections/views.ts';
import { askAgainMs } from './condition-of.ts';
import type { PloinkyEffect } from './effects.ts';
import { restartDelayMs } from './restart-delay.ts';
import { servesFiles } from './serves-files.ts';

/** Brings the newest and the routed release of each deployment one step further. */
export function reconcileReleases(views: Views): PloinkyEffect[] {
  const cloudId = views.cloud.get('cloud')?.cloudId;
  if (cloudId === undefined) return [];
  const effects: PloinkyEffect[] = [];
  for (const deployment of views.deployments.values()) {
    for (const release of wantedReleases(views, deployment)) {
      const container = views.containers.get(containerName(deployment.id, release.n, cloudId));
      const next = nextStep(release, container, containerName(deployment.id, release.n, cloudId));
      if (next) effects.push(next);
    }
  }
  return effects;
}

/** At most two: the one that is being made, and the one that serves. */
export function wantedReleases(views: Views, deployment: Deployment): Release[] {
  if (deployment.status === 'removed') return [];
  const numbers = new Set([deployment.latest, deployment.routed ?? deployment.latest]);
  return [...numbers].flatMap((n) => views.releases.get(`${deployment.id}#${n}`) ?? []);
}

function nextStep(release: Release, container: Container | undefined, name: string): PloinkyEffect | null {
  const base = { release: release.id, lane: release.deployment, cause: release.lastEvent, trace: release.trace };
  switch (release.status) {
    case 'requested':
      return { ...base, id: `source:${release.id}`, kind: 'resolveSource' };
    case 'sourceResolved':
      return { ...base, id: `image:${release.id}`, kind: 'resolveImage' };
    case 'imageResolved':
      return { ...base, id: `install:${release.id}`, kind: 'installRelease' };
    case 'installed':
      if (servesFiles(release)) return { ...base, id: `route:${release.id}`, kind: 'routeRelease' };
      return startStep(release, container, name) ?? firstStep(release, container as Container);
    case 'serving':
      if (servesFiles(release)) return null;
      return startStep(release, container, name) ?? servingStep(release, container as Container);
    default:
      return null;
  }
}

/** What is the same before and after the release serves; null when the container's status decides differently. */
function startStep(release: Release, container: Container | undefined, name: string): PloinkyEffect | null {
  if (!container) return start(release, name, 1, release.lastEvent, 0);
  if (container.status === 'startRequested') return start(release, name, container.attempt, container.lastEvent, 0);
  if (container.status === 'started') return probe(release, container, 0);
  return null;
}

/** Not serving yet: one failure ends the release, since what served before still does. */
function firstStep(release: Release, container: Container): PloinkyEffect | null {
  const base = { release: release.id, lane: release.deployment, cause: container.lastEvent, trace: release.trace };
  switch (container.status) {
    case 'healthy':
      return { ...base, id: `route:${release.id}`, kind: 'routeRelease' };
    case 'unhealthy':
      return { ...base, id: `fail:${release.id}`, kind: 'failRelease', stage: 'health' };
    case 'exited':
      // Vanished without a word from the engine or the agent: that is not the release's fault.
      if (container.exit === null && container.problem === null && container.attempt < 3) {
        return start(release, container.name, container.attempt + 1, container.lastEvent, 0);
      }
      return { ...base, id: `fail:${release.id}`, kind: 'failRelease', stage: 'start' };
    default:
      return null;
  }
}

/** Serving: bring it back, each time after a longer pause. */
function servingStep(release: Release, container: Container): PloinkyEffect | null {
  const since = Date.parse(container.since);
  switch (container.status) {
    case 'unhealthy':
      return probe(release, container, since + askAgainMs);
    case 'exited':
      return start(
        release,
        container.name,
        container.attempt + 1,
        container.lastEvent,
        since + restartDelayMs(container.failures),
      );
    default:
      return null;
  }
}

function start(release: Release, container: string, attempt: number, cause: string, notBefore: number): PloinkyEffect {
  return {
    id: `start:${container}:${attempt}`,
    kind: 'startContainer',
    lane: release.deployment,
    release: release.id,
    container,
    attempt,
    notBefore,
    cause,
    trace: release.trace,
  };
}

function probe(release: Release, container: Container, notBefore: number): PloinkyEffect {
  return {
    id: `health:${container.name}:${container.attempt}`,
    kind: 'checkHealth',
    lane: release.deployment,
    release: release.id,
    container: container.name,
    attempt: container.attempt,
    notBefore,
    cause: container.lastEvent,
    trace: container.trace,
  };
}
