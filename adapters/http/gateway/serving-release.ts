import { releaseId } from '../../../core/names/names.ts';
import type { Deployment } from '../../../projections/deployments.ts';
import type { Release } from '../../../projections/releases.ts';
import type { GatewaySurroundings } from './gateway-surroundings.ts';

/** Entities are replaced when something of them changed. */
const ids = new WeakMap<Deployment, string>();

/** The release that serves at a deployment, if any does. Asked at every request, so that its id is not put together anew. */
export function servingRelease(
  { cloud }: Pick<GatewaySurroundings, 'cloud'>,
  deployment: Deployment,
): Release | undefined {
  if (deployment.routed === null) return undefined;
  let id = ids.get(deployment);
  if (id === undefined) {
    id = releaseId(deployment.id, deployment.routed);
    ids.set(deployment, id);
  }
  return cloud.views().releases.get(id);
}
