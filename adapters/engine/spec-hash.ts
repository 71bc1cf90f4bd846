import { createHash } from 'node:crypto';
import type { ContainerSpec } from './engine-port.ts';

/**
 * SHA-256 (64 hex digits) over everything that makes a container what it is. Two specs with the same hash are
 * interchangeable, so that a running container may be adopted; the order of the environment does not count.
 */
export function specHash(spec: Omit<ContainerSpec, 'labels' | 'specHash'>): string {
  const parts = [
    spec.name,
    spec.image,
    spec.command,
    Object.entries(spec.environment).sort(([a], [b]) => (a < b ? -1 : 1)),
    spec.workingDirectory,
    spec.mounts.map(({ kind, source, target, readOnly }) => [kind, source, target, readOnly]),
    spec.memoryBytes,
    spec.cpus,
    spec.pidsLimit,
    spec.network,
    spec.publishPort,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
