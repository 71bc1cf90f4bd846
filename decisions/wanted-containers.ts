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

/**
 * As many as the deployment has replicas, and so many more as the manifest keeps warm; none where the release is only files.
 * Which of them serve is decided by who answers: `servingAmong`.
 */
export function wantedContainers(
  { id, replicas }: Pick<Deployment, 'id' | 'replicas'>,
  release: Pick<Release, 'n' | 'source'>,
  cloudId: string,
): WantedContainer[] {
  if (servesFiles(release)) return [];
  return Array.from({ length: replicas + (release.source?.manifest.warm ?? 0) }, (_, i) => ({
    name: containerName(id, release.n, cloudId, i + 1),
    replica: i + 1,
  }));
}

/**
 * Those that serve: the first `replicas` of those that answer, by number. The others are warm, and step in when one of these
 * does not answer any more.
 * @param answering in the order of their numbers
 */
export function servingAmong<T>(answering: readonly T[], { replicas }: Pick<Deployment, 'replicas'>): readonly T[] {
  return answering.length <= replicas ? answering : answering.slice(0, replicas);
}
