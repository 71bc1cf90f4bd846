import type { Views } from '../projections/views.ts';
import type { PloinkyEffect } from './effects.ts';
import { reconcileCallbacks } from './reconcile-callbacks.ts';
import { reconcileContainers } from './reconcile-containers.ts';
import { reconcileNetworks } from './reconcile-networks.ts';
import { reconcileReleases } from './reconcile-releases.ts';
import { reconcileRepositories } from './reconcile-repositories.ts';
import { reconcileVolumes } from './reconcile-volumes.ts';
import { isWithinReach } from './within-reach.ts';

/** Everything that should happen now. Steps of releases come before the removal of what they replace. */
export function reconcile(views: Views): PloinkyEffect[] {
  const effects = [
    ...reconcileRepositories(views),
    ...reconcileReleases(views),
    ...reconcileContainers(views),
    ...reconcileNetworks(views),
    ...reconcileVolumes(views),
    ...reconcileCallbacks(views),
  ];
  return effects.filter((effect) => isWithinReach(views, effect));
}
