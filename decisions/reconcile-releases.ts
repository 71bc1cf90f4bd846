import type { Container } from '../projections/containers.ts';
import type { Deployment } from '../projections/deployments.ts';
import type { Release } from '../projections/releases.ts';
import type { Views } from '../projections/views.ts';
import { askAgainMs } from './condition-of.ts';
import type { PloinkyEffect } from './effects.ts';
import { livingReleases } from './living-releases.ts';
import { restartDelayMs } from './restart-delay.ts';
import { restartPolicyOf, staysDown } from './restart-policy.ts';
import { type Replica, replicasOf } from './scaling.ts';

/** Brings the releases that are being made, and the one that serves, of each deployment one step further. */
export function reconcileReleases(views: Views): PloinkyEffect[] {
  if (!views.cloud.has('cloud')) return [];
  const effects: PloinkyEffect[] = [];
  for (const deployment of views.deployments.values()) {
    for (const release of wantedReleases(views, deployment)) {
      effects.push(...nextSteps(views, deployment, release));
    }
  }
  return effects;
}

/**
 * What is being made, and what serves. Of those that are being made at most one, the oldest, has a source; for the newer ones
 * it is looked for beside it.
 */
export function wantedReleases(views: Views, deployment: Deployment): Release[] {
  if (deployment.status === 'removed') return [];
  const numbers = new Set([deployment.latest, ...livingReleases(deployment)]);
  return [...numbers].flatMap((n) => views.releases.get(`${deployment.id}#${n}`) ?? []);
}

function nextSteps(views: Views, deployment: Deployment, release: Release): PloinkyEffect[] {
  const base = { release: release.id, lane: release.deployment, cause: release.lastEvent, trace: release.trace };
  switch (release.status) {
    case 'requested':
      // Not after what is done for the release before it, which gives way, or not, by what is found.
      return [{ ...base, id: `source:${release.id}`, kind: 'resolveSource', lane: `source:${release.id}` }];
    case 'sourceResolved':
      return [{ ...base, id: `image:${release.id}`, kind: 'resolveImage' }];
    case 'imageResolved':
      return [{ ...base, id: `install:${release.id}`, kind: 'installRelease' }];
    case 'installed':
      return makingSteps(deployment, release, replicasOf(views, deployment, release));
    case 'serving':
      return replicasOf(views, deployment, release).flatMap(
        (replica) => servingStep(deployment, release, replica) ?? [],
      );
    default:
      return [];
  }
}

/**
 * Not serving yet: it does once as many of its containers answer as there are to be replicas; those to be kept warm may
 * follow. One that fails ends the release, since what served before still does.
 */
function makingSteps(deployment: Deployment, release: Release, replicas: readonly Replica[]): PloinkyEffect[] {
  const failed = replicas.find(({ container }) => container && hasFailed(container))?.container;
  if (failed) return [fail(release, failed)];
  const steps = replicas.flatMap((replica) => {
    const { container } = replica;
    if (container?.status !== 'exited') return startStep(release, replica, {}) ?? [];
    const { attempt, lastEvent: cause, trace } = container;
    return start(release, replica, attempt + 1, { cause, trace });
  });
  const answering = replicas.flatMap(({ container }) => (container?.status === 'healthy' ? container : []));
  // Files need none.
  const enough = Math.min(deployment.replicas, replicas.length);
  return answering.length < enough ? steps : [...steps, route(release, answering)];
}

/**
 * Whether it may begin to serve on this state, which may be newer than the one on which that was asked for: a container may have
 * vanished meanwhile.
 */
export function mayServe(views: Views, id: string): boolean {
  const release = views.releases.get(id);
  const deployment = release && views.deployments.get(release.deployment);
  if (!deployment || release.status !== 'installed') return false;
  const steps = makingSteps(deployment, release, replicasOf(views, deployment, release));
  return steps.some(({ kind }) => kind === 'routeRelease');
}

function route({ id, deployment, lastEvent, trace }: Release, answering: readonly Container[]): PloinkyEffect {
  // The one that was waited for.
  const [last] = [...answering].sort((a, b) => Date.parse(b.since) - Date.parse(a.since) || b.replica - a.replica);
  const cause = last?.lastEvent ?? lastEvent;
  return { id: `route:${id}`, kind: 'routeRelease', lane: deployment, release: id, cause, trace };
}

/** Vanished without a word from the engine or the agent: that is not the release's fault, twice. */
function hasFailed({ status, exit, problem, attempt }: Container): boolean {
  if (status === 'unhealthy') return true;
  return status === 'exited' && (exit !== null || problem !== null || attempt >= 3);
}

function fail(release: Release, { name, status, lastEvent }: Container): PloinkyEffect {
  return {
    id: `fail:${release.id}`,
    kind: 'failRelease',
    lane: release.deployment,
    release: release.id,
    container: name,
    stage: status === 'unhealthy' ? 'health' : 'start',
    cause: lastEvent,
    trace: release.trace,
  };
}

/** Serving: each replica is brought back by itself, each time after a longer pause. */
function servingStep({ scaled }: Deployment, release: Release, replica: Replica): PloinkyEffect | null {
  const { container } = replica;
  // One that was not there when the release began to serve is there because somebody wanted more of them.
  const added = scaled && scaled.seq > (release.servedAt ?? 0);
  const policy = restartPolicyOf(release);
  const step = startStep(release, replica, added ? { cause: scaled.event, trace: scaled.trace } : {});
  if (step || !container) return step;
  const since = Date.parse(container.since);
  switch (container.status) {
    case 'unhealthy':
      // What may not be started again is left running: it may be well again.
      return policy === 'never' ? probe(release, container, since + askAgainMs) : end(release, container);
    case 'exited':
      if (staysDown(container, policy)) return null;
      return start(release, replica, container.attempt + 1, {
        cause: container.lastEvent,
        trace: container.trace,
        notBefore: since + restartDelayMs(container.failures),
      });
    default:
      return null;
  }
}

interface Why {
  readonly cause?: string;
  readonly trace?: string;
  readonly notBefore?: number;
}

/** What is the same before and after the release serves; null when the container's status decides differently. */
function startStep(release: Release, replica: Replica, why: Why): PloinkyEffect | null {
  const { container } = replica;
  if (!container) return start(release, replica, 1, why);
  const { status, attempt, lastEvent, trace } = container;
  if (status === 'startRequested') return start(release, replica, attempt, { cause: lastEvent, trace });
  if (status === 'started') return probe(release, container, 0);
  if (status === 'restartRequested') return end(release, container);
  if (status !== 'paused') return null;
  return { ...ofContainer(release, container), id: `resume:${container.name}:${lastEvent}`, kind: 'resumeContainer' };
}

function end(release: Release, container: Container): PloinkyEffect {
  const { name, attempt, problem } = container;
  const reason = problem?.message ?? 'it was not well';
  return { ...ofContainer(release, container), id: `end:${name}:${attempt}`, kind: 'endContainer', attempt, reason };
}

function ofContainer(release: Release, { name, lastEvent, trace }: Container) {
  return { lane: name, release: release.id, container: name, cause: lastEvent, trace };
}

function start(release: Release, { name, replica }: Replica, attempt: number, why: Why): PloinkyEffect {
  return {
    id: `start:${name}:${attempt}`,
    kind: 'startContainer',
    lane: name,
    release: release.id,
    container: name,
    replica,
    attempt,
    notBefore: why.notBefore ?? 0,
    cause: why.cause ?? release.lastEvent,
    trace: why.trace ?? release.trace,
  };
}

function probe(release: Release, container: Container, notBefore: number): PloinkyEffect {
  const { name, attempt } = container;
  return {
    ...ofContainer(release, container),
    id: `health:${name}:${attempt}`,
    kind: 'checkHealth',
    attempt,
    notBefore,
  };
}
