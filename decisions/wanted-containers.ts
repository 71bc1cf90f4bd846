import { containerName } from '../core/names/names.ts';
import type { Deployment } from '../projections/deployments.ts';
import type { Release } from '../projections/releases.ts';
import { servesFiles } from './serves-files.ts';

/** One of the containers that a release should run in. */
export interface WantedContainer {
  readonly name: string;
  /** From 1 on. */
  readonly replica: number;
}

/** As many as the deployment has replicas; none where the release is only files. */
export function wantedContainers(
  { id, replicas }: Pick<Deployment, 'id' | 'replicas'>,
  release: Pick<Release, 'n' | 'source'>,
  cloudId: string,
): WantedContainer[] {
  if (servesFiles(release)) return [];
  return Array.from({ length: replicas }, (_, i) => ({
    name: containerName(id, release.n, cloudId, i + 1),
    replica: i + 1,
  }));
}
