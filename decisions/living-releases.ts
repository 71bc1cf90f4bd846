import type { Deployment } from '../projections/deployments.ts';

/** Releases that are being made, oldest first, and then the one that serves. */
export function livingReleases({ underWay, routed }: Deployment): number[] {
  return [...underWay.map(({ release }) => release), ...(routed === null ? [] : [routed])];
}
