import type { PloinkyDraft } from '../core/events/catalogue.ts';
import type { Release } from '../projections/releases.ts';
import type { Views } from '../projections/views.ts';
import { retired } from './decide-deployments.ts';

/** From now on this release serves; the one before it retires in the same breath. */
export function routeRelease(views: Views, release: Release): PloinkyDraft[] {
  const { deployment, n } = release;
  const previous = views.deployments.get(deployment)?.routed ?? null;
  const routed: PloinkyDraft = {
    type: 'deployment.routed',
    stream: `deployment:${deployment}`,
    data: { release: n, previous },
  };
  return previous === null ? [routed] : [routed, retired(deployment, previous, `replaced by release ${n}`)];
}
