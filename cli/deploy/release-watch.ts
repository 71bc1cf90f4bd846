import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import type { Manifest } from '../../core/manifest/manifest.ts';
import { deploymentKey, releaseId } from '../../core/names/names.ts';

/** What an event means for somebody who waits for a release. Pure. */
export type ReleaseStep =
  /** The stage under way ended well; the next one begins. */
  | { readonly kind: 'stage'; readonly detail: string; readonly next: string }
  | { readonly kind: 'note'; readonly text: string; readonly output?: string }
  | { readonly kind: 'serving' }
  | { readonly kind: 'failed'; readonly stage: string; readonly problem: ProblemData; readonly log: string | null }
  | { readonly kind: 'ended'; readonly code: 'SUPERSEDED' | 'DEPLOYMENT_REMOVED'; readonly reason: string };

/** What a release is for: calls of an agent, requests of a web service, files of a static site. */
export type Serves = 'calls' | 'requests' | 'files';

/** As its manifest says. */
export function servedBy(manifest: Partial<Manifest>): Serves {
  if (manifest.static) return 'files';
  return manifest.web ? 'requests' : 'calls';
}

type ProblemData = Extract<PloinkyEvent, { type: 'release.failed' }>['data']['problem'];

export const firstStage = 'source';

/** Undefined for events that say nothing new about this release. `serves` as far as it is known by then. */
export function releaseStep(
  event: PloinkyEvent,
  { deployment, release }: { readonly deployment: string; readonly release: number },
  serves: Serves,
): ReleaseStep | undefined {
  if (event.type.startsWith('release.') && event.stream !== `release:${releaseId(deployment, release)}`)
    return undefined;
  if (event.type.startsWith('container.') && !ofRelease(event.stream, deployment, release)) return undefined;
  if (event.type.startsWith('deployment.') && event.stream !== `deployment:${deployment}`) return undefined;
  switch (event.type) {
    case 'release.sourceResolved': {
      const { commit, subject, repository } = event.data;
      return { kind: 'stage', detail: `${repository} ${commit.slice(0, 8)} ${subject}`, next: 'image' };
    }
    case 'release.imageResolved': {
      const { reference, digest } = event.data;
      const detail = reference === null ? 'none needed' : `${reference} ${(digest ?? '').slice(0, 19)}`.trim();
      return { kind: 'stage', detail, next: 'install' };
    }
    case 'release.installed':
      return {
        kind: 'stage',
        detail: event.data.cache?.hit ? 'done before, from the cache' : 'done',
        next: serves === 'files' ? 'route' : 'start',
      };
    case 'container.started':
    case 'container.restarted':
    case 'container.adopted':
      return { kind: 'stage', detail: event.stream.slice('container:'.length), next: 'health' };
    case 'container.healthy':
      return { kind: 'stage', detail: `answers after ${event.data.afterMs} ms`, next: 'route' };
    case 'container.exited': {
      const { exitCode, signal, oomKilled, output } = event.data;
      const how = oomKilled
        ? 'ran out of memory'
        : signal
          ? `was ended by ${signal}`
          : `ended with exit code ${exitCode}`;
      return { kind: 'note', text: `the container ${how}`, output };
    }
    case 'container.startFailed':
      return { kind: 'note', text: event.data.problem.message };
    case 'deployment.routed':
      return event.data.release === release ? { kind: 'serving' } : undefined;
    case 'release.failed':
      return { kind: 'failed', ...event.data };
    case 'release.retired':
      return { kind: 'ended', code: 'SUPERSEDED', reason: event.data.reason };
    case 'deployment.removed':
      return { kind: 'ended', code: 'DEPLOYMENT_REMOVED', reason: 'the deployment was removed' };
    default:
      return undefined;
  }
}

/** Containers of the release before are drained and stopped in the same history. */
function ofRelease(stream: string, deployment: string, release: number): boolean {
  const own = `container:ploinky-${deploymentKey(deployment)}-${release}`;
  return stream.startsWith(own) && /^(?:\.\d+)?-[^-]*$/.test(stream.slice(own.length));
}
