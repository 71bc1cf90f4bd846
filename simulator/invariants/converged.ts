import { releaseId } from '../../core/names/names.ts';
import { wantedContainers } from '../../decisions/wanted-containers.ts';
import type { Views } from '../../projections/views.ts';
import type { Container, Daemon } from '../engine/daemon.ts';
import { cloudId } from '../server/life.ts';

/** What is not yet as the log says that it should be; null when the world is at rest. */
export function notConverged(views: Views, daemons: readonly Daemon[]): string | null {
  const wanted = new Map<string, string>();
  for (const deployment of views.deployments.values()) {
    const { id, routed, latest, status } = deployment;
    if (status === 'removed') continue;
    const newest = views.releases.get(releaseId(id, latest))?.status;
    if (newest !== 'serving' && newest !== 'failed' && newest !== 'retired')
      return `release ${latest} of ${id} is ${newest}`;
    if (routed === null) continue;
    const release = views.releases.get(releaseId(id, routed));
    if (release?.status !== 'serving') return `release ${routed} of ${id} is routed and ${release?.status}`;
    for (const { name } of wantedContainers(deployment, release, cloudId)) wanted.set(name, release.engine);
  }
  for (const [name, engine] of wanted) {
    const problem = notRunning(name, engine, views, daemons);
    if (problem) return `${name} ${problem}`;
  }
  for (const { name, status } of views.containers.values()) {
    if (!wanted.has(name)) return `${name} is ${status} and nobody wants it`;
  }
  for (const daemon of daemons) {
    for (const { name, labels, state } of daemon.containers.values()) {
      if (labels['ploinky.cloud'] !== cloudId) continue;
      if (wanted.get(name) !== daemon.kind) return `${daemon.kind} has ${name} (${state}), which nobody wants`;
    }
  }
  const unwanted = strayNetwork(views, daemons);
  if (unwanted) return unwanted;
  for (const { name, sync, enabled } of views.repositories.values())
    if (enabled && sync === 'wanted') return `${name} is to be synced`;
  for (const { id, status, cleaned } of views.releases.values()) {
    if ((status === 'failed' || status === 'retired') && !cleaned) return `the files of ${id} are still there`;
  }
  const [task] = views.tasks.keys();
  if (task !== undefined) return `the task ${task} has no outcome`;
  const [callback] = views.callbacks.keys();
  return callback === undefined ? null : `the outcome of ${callback} was not told`;
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
