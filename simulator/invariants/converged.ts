import { isDeepStrictEqual } from 'node:util';
import { gatewayViews } from '../../adapters/http/gateway/gateway-surroundings.ts';
import { parseSecretFile } from '../../adapters/secrets/secret-file.ts';
import { releaseId } from '../../core/names/names.ts';
import { wantedContainers } from '../../decisions/wanted-containers.ts';
import { watchedBranch } from '../../decisions/watched-branch.ts';
import type { Release } from '../../projections/releases.ts';
import type { Views } from '../../projections/views.ts';
import type { Container, Daemon } from '../engine/daemon.ts';
import { cloudId, paths } from '../server/place.ts';
import type { SimulatedWorker } from '../server/worker.ts';
import type { Simulation } from '../simulation.ts';
import { lastEnd, restsFor } from './restarts.ts';

/** What is not yet as the log says that it should be; null when the world is at rest. */
export function notConverged(simulation: Simulation): string | null {
  const { life, daemons, workers } = simulation;
  if (!life) return 'the server does not run';
  const { views } = life.cloud.store;
  return (
    containersOf(simulation, views) ??
    strayNetwork(views, daemons) ??
    leftOver(views) ??
    notFollowed(views, simulation) ??
    notDestroyed(views, simulation) ??
    (workers > 1 && life.crew?.serving.length !== workers ? 'too few workers serve' : null) ??
    otherwiseKnown(views, life.crew?.serving ?? [])
  );
}

/** What the gateway looks at is in each worker as it is in the owner of the log. */
function otherwiseKnown(views: Views, serving: readonly SimulatedWorker[]): string | null {
  for (const { pid, cloud } of serving) {
    const name = gatewayViews.find((one) => !isDeepStrictEqual(cloud?.views()[one], views[one]));
    if (name) return `the worker ${pid} knows other ${name}`;
  }
  return null;
}

function containersOf({ daemons, record }: Simulation, views: Views): string | null {
  const wanted = new Map<string, Release>();
  for (const deployment of views.deployments.values()) {
    const { id, routed, latest, status } = deployment;
    if (status === 'removed') continue;
    // Also an older one may go on, where the newest failed.
    for (let n = latest; n > 0; n -= 1) {
      const its = views.releases.get(releaseId(id, n))?.status;
      if (its !== 'serving' && its !== 'failed' && its !== 'retired') return `release ${n} of ${id} is ${its}`;
    }
    if (routed === null) continue;
    const release = views.releases.get(releaseId(id, routed));
    if (release?.status !== 'serving') return `release ${routed} of ${id} is routed and ${release?.status}`;
    for (const { name } of wantedContainers(deployment, release, cloudId)) wanted.set(name, release);
  }
  for (const [name, release] of wanted) {
    const problem = notRunning(name, release.engine, views, daemons);
    if (problem === null) continue;
    const end = lastEnd(record.events, `container:${name}`);
    // Its manifest wants it to stay as it ended, or somebody took away what it needs.
    if (end && restsFor(end, release.source?.manifest.restart ?? 'always')) continue;
    if (views.containers.has(name) && lacksSecret(views, release)) continue;
    return `${name} ${problem}`;
  }
  for (const { name, status } of views.containers.values()) {
    if (!wanted.has(name)) return `${name} is ${status} and nobody wants it`;
  }
  for (const daemon of daemons) {
    for (const { name, labels, state } of daemon.containers.values()) {
      if (labels['ploinky.cloud'] !== cloudId) continue;
      if (wanted.get(name)?.engine !== daemon.kind) return `${daemon.kind} has ${name} (${state}), which nobody wants`;
    }
  }
  return null;
}

/** Whoever removes a secret by force is told that this is what comes of it. */
function lacksSecret(views: Views, { source }: Release): boolean {
  return Object.entries(source?.secrets ?? {}).some(
    ([name, version]) => !views.secrets.get(name)?.versions.includes(version),
  );
}

function leftOver(views: Views): string | null {
  for (const { name, sync, enabled } of views.repositories.values())
    if (enabled && sync === 'wanted') return `${name} is to be synced`;
  for (const { id, status, cleaned } of views.releases.values()) {
    if ((status === 'failed' || status === 'retired') && !cleaned) return `the files of ${id} are still there`;
  }
  for (const { id, status } of views.volumes.values())
    if (status === 'removeRequested') return `the volume ${id} is to be removed`;
  const [task] = views.tasks.keys();
  if (task !== undefined) return `the task ${task} has no outcome`;
  const [callback] = views.callbacks.keys();
  return callback === undefined ? null : `the outcome of ${callback} was not told`;
}

/** What follows a branch has taken its head, or tried to. */
function notFollowed(views: Views, { remotes }: Simulation): string | null {
  for (const deployment of views.deployments.values()) {
    const watched = watchedBranch(views, deployment);
    if (watched?.kind !== 'follows') continue;
    const { id, latest, found, routed } = deployment;
    const head = remotes.all.get(watched.repository.url)?.commits.at(-1)?.hash;
    const tried = [latest, found?.release ?? latest, routed ?? latest].map((n) => {
      const release = views.releases.get(releaseId(id, n));
      return release?.source?.commit ?? release?.push?.commit;
    });
    if (!tried.includes(head)) return `${id} follows a branch of which ${head?.slice(0, 8)} is the head`;
  }
  return null;
}

function notDestroyed(views: Views, { disk }: Simulation): string | null {
  const folder = disk.find(paths.secrets);
  for (const { name, latest, versions } of views.secrets.values()) {
    if (versions.length > 0 || folder?.kind !== 'folder') continue;
    const left = [...folder.entries.keys()].find((file) => {
      const value = parseSecretFile(file);
      // One that no event names, since nobody knew whether it was stored, waits for the next version or the next start.
      return value?.name === name && value.version <= latest;
    });
    if (left) return `${left} of a secret that was removed is still there`;
  }
  return null;
}

function notRunning(name: string, engine: string, views: Views, daemons: readonly Daemon[]): string | null {
  const known = views.containers.get(name);
  if (known?.status !== 'healthy') return `is ${known?.status ?? 'not asked for'}`;
  const running: Container[] = [];
  for (const daemon of daemons) {
    for (const container of daemon.containers.values())
      if (container.name === name && daemon.kind === engine) running.push(container);
  }
  const [only] = running;
  if (!only) return 'is healthy in the log, and its engine does not have it';
  if (only.id !== known.engineId)
    return `is ${only.id.slice(0, 8)} in its engine, and ${known.engineId?.slice(0, 8)} in the log`;
  if (!only.program?.answers) return `is healthy in the log, and does not answer (${only.state})`;
  return null;
}

/** A network without a deployment that has a container on that engine. */
function strayNetwork(views: Views, daemons: readonly Daemon[]): string | null {
  for (const { kind, networks } of daemons) {
    for (const { name, labels } of networks.values()) {
      if (labels['ploinky.cloud'] !== cloudId) continue;
      const id = labels['ploinky.deployment'];
      const { status } = views.deployments.get(id ?? '') ?? {};
      if (status === undefined || status === 'removed') return `${kind} has the network ${name}, which nobody wants`;
    }
  }
  return null;
}
