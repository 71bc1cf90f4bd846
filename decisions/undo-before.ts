import type { PloinkyEvent } from '../core/events/catalogue.ts';
import { releaseId } from '../core/names/names.ts';
import type { Views } from '../projections/views.ts';

/** What an event met, as far as taking it back needs it. Null = it was not there. */
export interface Before {
  readonly domain: { readonly enabled: boolean } | null;
  readonly repository: { readonly url: string; readonly branch: string | null; readonly enabled: boolean } | null;
  /** Not one that was removed. */
  readonly deployment: { readonly routed: number | null; readonly replicas: number; readonly watch?: boolean } | null;
}

export const nothingBefore: Before = { domain: null, repository: null, deployment: null };

/**
 * The place of the log whose state an undo of the event restores: right before it. What a release came to belongs to its
 * request, so that there it is the place before that one.
 */
export function placeBefore(views: Views, event: PloinkyEvent): number {
  if (event.type !== 'deployment.routed' && event.type !== 'deployment.rolledBack') return event.seq - 1;
  const deployment = event.stream.slice('deployment:'.length);
  const release = views.releases.get(releaseId(deployment, event.data.release));
  return (release?.requestedAt ?? event.seq) - 1;
}

/** @param views state at `placeBefore` */
export function beforeOf(views: Views, event: PloinkyEvent): Before {
  const name = event.stream.slice(event.stream.indexOf(':') + 1);
  const domain = views.domains.get(name);
  const repository = views.repositories.get(name);
  const deployment = views.deployments.get(name);
  return {
    domain: event.stream.startsWith('domain:') && domain ? { enabled: domain.enabled } : null,
    repository:
      event.stream.startsWith('repository:') && repository
        ? { url: repository.url, branch: repository.branch, enabled: repository.enabled }
        : null,
    deployment:
      deployment && deployment.status !== 'removed'
        ? { routed: deployment.routed, replicas: deployment.replicas, watch: deployment.watch !== null }
        : null,
  };
}
