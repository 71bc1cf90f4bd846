import type { Views } from '../projections/views.ts';
import type { Volume } from '../projections/volumes.ts';
import { wantedReleases } from './reconcile-releases.ts';

export interface ListedVolume {
  readonly deployment: string;
  /** As the manifest names it. */
  readonly volume: string;
  /** In the engine. */
  readonly name: string;
  readonly engine: string;
  readonly status: Volume['status'];
  /** ISO 8601; null = the engine never had it. */
  readonly createdAt: string | null;
  /** Containers that have it, by name. */
  readonly usedBy: readonly string[];
  /** Numbers of releases that serve, or are being made, and name it. */
  readonly namedBy: readonly number[];
  /** Nothing has it and nothing that serves names it: only somebody who wants what is in it has a use for it. */
  readonly orphaned: boolean;
}

/** Every volume that the log knows of, by deployment and name. */
export function listVolumes(views: Views): ListedVolume[] {
  return [...views.volumes.values()]
    .map((volume) => listed(views, volume))
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

function listed(views: Views, { deployment: id, volume, name, engine, status, createdAt }: Volume): ListedVolume {
  const names = (n: number) =>
    (views.releases.get(`${id}#${n}`)?.source?.manifest.volumes ?? []).some((one) => one.name === volume);
  const usedBy = [...views.containers.values()]
    .filter((one) => one.deployment === id && one.engine === engine && names(one.release))
    .map((one) => one.name)
    .sort();
  const deployment = views.deployments.get(id);
  const namedBy = (deployment ? wantedReleases(views, deployment) : [])
    .filter((one) => one.engine === engine && one.status !== 'failed' && one.status !== 'retired' && names(one.n))
    .map(({ n }) => n)
    .sort((a, b) => a - b);
  const orphaned = usedBy.length === 0 && namedBy.length === 0;
  return { deployment: id, volume, name, engine, status, createdAt, usedBy, namedBy, orphaned };
}

function sortKey({ deployment, volume, engine }: ListedVolume): string {
  return `${deployment} ${volume} ${engine}`;
}
