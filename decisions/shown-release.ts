import type { Deployment } from '../projections/deployments.ts';

/** The release by which a deployment is described: the one that serves, else the newest that is being made, else the newest. */
export function shownRelease({ routed, underWay, latest }: Deployment): number {
  return routed ?? underWay.at(-1)?.release ?? latest;
}
