import type { Network } from '../projections/networks.ts';
import type { Views } from '../projections/views.ts';
import type { PloinkyEffect } from './effects.ts';
import { wantedReleases } from './reconcile-releases.ts';

type RemoveNetwork = Extract<PloinkyEffect, { kind: 'removeNetwork' }>;

/**
 * The private network of a deployment goes once the deployment has gone, or has moved to another engine, and its last
 * container with it. Making it is part of starting what needs it.
 */
export function reconcileNetworks(views: Views): RemoveNetwork[] {
  if (views.networks.size === 0) return [];
  const inUse = new Set<string>();
  for (const { deployment, engine } of views.containers.values()) inUse.add(`${engine} ${deployment}`);
  const effects: RemoveNetwork[] = [];
  for (const network of views.networks.values()) {
    const { id, deployment, engine, lastEvent: cause, trace } = network;
    if (inUse.has(`${engine} ${deployment}`) || isWanted(views, network)) continue;
    const removed = views.deployments.get(deployment)?.status === 'removed';
    const reason = removed ? 'its deployment was removed' : `its deployment does not run on ${engine} any more`;
    effects.push({
      id: `remove-network:${id}`,
      kind: 'removeNetwork',
      lane: `network:${id}`,
      network: id,
      reason,
      cause,
      trace,
    });
  }
  return effects;
}

function isWanted(views: Views, { deployment: id, engine }: Network): boolean {
  const deployment = views.deployments.get(id);
  return deployment !== undefined && wantedReleases(views, deployment).some((release) => release.engine === engine);
}
