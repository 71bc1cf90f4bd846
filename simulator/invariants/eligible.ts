import type { Release } from '../../projections/releases.ts';
import type { Views } from '../../projections/views.ts';

/**
 * Releases that a prune which began at `seq` may take nothing from: what runs or is being made, and of each deployment the
 * newest that served. Written from the words of the documentation, not from the product's own code.
 */
export function eligible({ deployments, releases, containers }: Views, keep: number, seq: number): Release[] {
  const running = new Set([...containers.values()].map(({ deployment, release }) => `${deployment}#${release}`));
  const served = new Map<string, Release[]>();
  const found: Release[] = [];
  for (const release of releases.values()) {
    // Whoever is asked for afterwards waits for the removal, and then gets what is gone again.
    if (release.requestedAt > seq) continue;
    const { id, deployment, status, servedAt } = release;
    if ((status !== 'failed' && status !== 'retired') || running.has(id)) found.push(release);
    if (servedAt !== null) served.set(deployment, [...(served.get(deployment) ?? []), release]);
  }
  for (const [id, own] of served) {
    const known = deployments.get(id);
    const newest = releases.get(`${id}#${known?.latest}`);
    // One that is deployed anew meanwhile may want more of them back than it did when it was removed.
    if (!known || (newest && newest.requestedAt > seq)) continue;
    const most = known.status === 'removed' ? 1 : keep;
    found.push(...own.sort((a, b) => b.n - a.n).slice(0, most));
  }
  return found;
}
