import type { ProblemShape } from '../core/errors/ploinky-error.ts';
import type { DataOf, PloinkyEvent } from '../core/events/catalogue.ts';
import type { Projection } from '../core/kernel/projection.ts';
import type { Manifest } from '../core/manifest/manifest.ts';
import { deploymentId, releaseId } from '../core/names/names.ts';
import type { DeploymentConfig } from './deployments.ts';
import { followTransitions } from './transitions.ts';

/** In the order of a good life; `failed` may follow any before `serving`, `retired` any after `requested`. */
export type ReleaseStatus =
  | 'requested'
  | 'sourceResolved'
  | 'imageResolved'
  | 'installed'
  | 'serving'
  | 'failed'
  | 'retired';

export interface Release {
  /** `<domain><path>#<n>`. */
  id: string;
  deployment: string;
  n: number;
  status: ReleaseStatus;
  trigger: 'deploy' | 'redeploy' | 'rollback' | 'push';
  engine: string;
  config: DeploymentConfig;
  /** What an earlier release ran, where it shall run again. */
  pinned: DataOf<'deployment.requested'>['pinned'];
  /** The commit that is to be taken, where a push brought it about. */
  push: DataOf<'deployment.requested'>['push'] | null;
  /** Why, in the words of whoever asked. */
  reason: string | null;
  /** Its install step is run whatever was kept. */
  noCache: boolean;
  /** Seq of `deployment.requested`. */
  requestedAt: number;
  /** Seq of `deployment.routed`; null = it never served. */
  servedAt: number | null;
  source: {
    repository: string;
    branch: string | null;
    commit: string;
    subject: string;
    manifest: Manifest;
    /** Version of each secret that its environment names. */
    secrets: Readonly<Record<string, number>>;
  } | null;
  image: { reference: string | null; imageId: string | null; digest: string | null } | null;
  /** Where its image was not in the engine yet: how it came there, and the event that tells. */
  obtained: { origin: 'pulled' | 'made'; seq: number } | null;
  /** Under which key the result of its install step is kept; null = it is not. */
  installKey: string | null;
  failure: { stage: string; problem: ProblemShape; log: string | null } | null;
  /** Its checkout is gone from disk. */
  cleaned: boolean;
  /** Id of the last event, the cause of the next effect; and the trace of the request. */
  lastEvent: string;
  trace: string;
}

export const releases: Projection<Release> = {
  name: 'releases',
  version: 5,
  key: releaseOf,
  ...followTransitions<Release, 'deployment.requested'>({
    beginsWith: 'deployment.requested',
    begin,
    transitions: {
      'release.sourceResolved': { from: ['requested'], to: 'sourceResolved' },
      'release.imageResolved': { from: ['sourceResolved'], to: 'imageResolved' },
      'release.installed': { from: ['imageResolved'], to: 'installed' },
      'release.failed': { from: ['requested', 'sourceResolved', 'imageResolved', 'installed'], to: 'failed' },
      'release.retired': {
        from: ['requested', 'sourceResolved', 'imageResolved', 'installed', 'serving'],
        to: 'retired',
      },
      'deployment.routed': { from: ['installed'], to: 'serving' },
      'release.cleaned': { from: ['failed', 'retired'] },
    },
    note,
  }),
};

function note(draft: Release, event: PloinkyEvent): void {
  if (event.type === 'release.cleaned') {
    draft.cleaned = true;
    return;
  }
  draft.lastEvent = event.id;
  if (event.type === 'release.sourceResolved') draft.source = event.data;
  else if (event.type === 'release.imageResolved') {
    const { origin, ...image } = event.data;
    draft.image = image;
    draft.obtained = origin ? { origin, seq: event.seq } : null;
  } else if (event.type === 'release.installed') draft.installKey = event.data.cache?.key ?? null;
  else if (event.type === 'release.failed') draft.failure = event.data;
  else if (event.type === 'deployment.routed') draft.servedAt = event.seq;
}

function begin(event: Extract<PloinkyEvent, { type: 'deployment.requested' }>): Release {
  const { domain, path, release, trigger, engine, config, pinned, reason, push = null, noCache = false } = event.data;
  const deployment = deploymentId(domain, path);
  return {
    id: releaseId(deployment, release),
    deployment,
    n: release,
    status: 'requested',
    trigger,
    engine,
    config,
    pinned,
    push,
    reason,
    noCache,
    requestedAt: event.seq,
    servedAt: null,
    source: null,
    image: null,
    obtained: null,
    installKey: null,
    failure: null,
    cleaned: false,
    lastEvent: event.id,
    trace: event.trace,
  };
}

function releaseOf(event: PloinkyEvent): string {
  const id = event.stream.slice(event.stream.indexOf(':') + 1);
  if (event.type === 'deployment.requested' || event.type === 'deployment.routed') {
    return releaseId(id, event.data.release);
  }
  return id;
}
