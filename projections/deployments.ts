import type { DataOf, PloinkyEvent } from '../core/events/catalogue.ts';
import type { Projection } from '../core/kernel/projection.ts';
import { illegal } from '../core/kernel/transition.ts';
import { releaseId } from '../core/names/names.ts';

export type DeploymentConfig = DataOf<'deployment.requested'>['config'];

export interface Deployment {
  /** `<domain><path>`, for example `localhost/demo`. */
  id: string;
  domain: string;
  path: string;
  /** `active` = some release serves; `failed` = none ever did. */
  status: 'requested' | 'active' | 'failed' | 'removed';
  /** Number of the newest release, whatever became of it. */
  latest: number;
  /** Number of the release that serves. */
  routed: number | null;
  /** How many containers each of its releases runs in. No release holds it: a rollback keeps the number of today. */
  replicas: number;
  /** The event that made it so many, its place and its request; null = it was never scaled. */
  scaled: { event: string; seq: number; trace: string } | null;
  /**
   * Where a push to its branch makes a new release, the event that made it so; else null. No release holds it: it outlives
   * deploys and rollbacks.
   */
  watch: string | null;
  /** Whether it was watched before releases that came with another wish and have not served yet; null = there are none. */
  unproven: { watch: boolean } | null;
  /**
   * The rollback that was asked for last, the release that it went back to, and the event that pinned; pushes wait until the
   * next deploy.
   */
  pin: { release: number; target: number; since: string; seq: number } | null;
  /** The working tree that serves, sent by dev; null = it comes from elsewhere. */
  dev: NonNullable<DataOf<'deployment.requested'>['dev']> | null;
  /** What was asked for last, and had a source, if anything ever had one. */
  config: DeploymentConfig;
  /** What comes back where the newest release finds no source; null = no release ever had one. */
  found: Pick<Deployment, 'config' | 'pin' | 'dev'> | null;
  createdAt: string;
  updatedAt: string;
  /** Seq of the last event that changed it; what an operator saw can be compared with it. */
  changedAt: number;
}

export const deployments: Projection<Deployment> = {
  name: 'deployments',
  version: 8,
  types: [
    'deployment.requested',
    'deployment.routed',
    'deployment.scaled',
    'deployment.watchChanged',
    'deployment.rolledBack',
    'deployment.rollbackFailed',
    'deployment.removed',
    'release.sourceResolved',
    'release.failed',
  ],
  key: deploymentOf,
  evolve(draft, event) {
    if (event.type === 'deployment.requested') {
      const { domain, path, config, release, pinned } = event.data;
      if (draft && release !== draft.latest + 1) throw illegal(event, `latest release ${draft.latest}`);
      const id = `${domain}${path}`;
      const fresh = {
        dev: null,
        config: null,
        status: 'requested' as const,
        routed: null,
        replicas: 1,
        scaled: null,
        watch: null,
        unproven: null,
        found: null,
        createdAt: event.time,
      };
      const kept = draft && draft.status !== 'removed' ? draft : fresh;
      const pin = pinned ? { release, target: pinned.release, since: event.time, seq: event.seq } : null;
      // A rollback from one working tree to another of the same folder, for example.
      const sameSource = config.repository !== null && config.repository === kept.config?.repository;
      const dev = event.data.dev ?? (sameSource ? kept.dev : null);
      return {
        id,
        domain,
        path,
        status: kept.status === 'failed' ? 'requested' : kept.status,
        latest: release,
        routed: kept.routed,
        replicas: kept.replicas,
        scaled: kept.scaled,
        watch: kept.watch,
        unproven: kept.unproven,
        pin,
        dev,
        config,
        // A rollback pins also where it fails.
        found: pin ? { config, pin, dev } : kept.found,
        createdAt: kept.createdAt,
        updatedAt: event.time,
        changedAt: event.seq,
      };
    }
    if (!draft) throw illegal(event, 'absent');
    switch (event.type) {
      case 'release.sourceResolved':
        if (isLatest(draft, event)) draft.found = { config: draft.config, pin: draft.pin, dev: draft.dev };
        // Nothing of it that an operator saw has changed.
        return undefined;
      case 'release.failed':
        // A late failure of a removed deployment or an older release changes nothing here.
        if (!isLatest(draft, event)) break;
        if (draft.status === 'requested') draft.status = 'failed';
        // Pushes go on with what was wished before, not with a mistyped branch or agent.
        if (event.data.stage === 'source' && draft.found) {
          draft.config = draft.found.config;
          draft.pin = draft.found.pin;
          draft.dev = draft.found.dev;
        }
        break;
      case 'deployment.routed':
        if (draft.status === 'removed') throw illegal(event, draft.status);
        draft.status = 'active';
        draft.routed = event.data.release;
        draft.unproven = null;
        break;
      case 'deployment.scaled':
        if (draft.status === 'removed') throw illegal(event, draft.status);
        draft.replicas = event.data.replicas;
        draft.scaled = { event: event.id, seq: event.seq, trace: event.trace };
        break;
      case 'deployment.watchChanged':
        if (draft.status === 'removed') throw illegal(event, draft.status);
        draft.unproven = stillUnproven(draft, event.data);
        draft.watch = event.data.watch ? event.id : null;
        break;
      case 'deployment.rolledBack':
        draft.pin = pinnedBy(draft.pin, event);
        // What was asked for in between, and did not come to serve, is asked for no more.
        if (event.data.config !== null) draft.config = event.data.config;
        draft.found = { config: draft.config, pin: draft.pin, dev: draft.dev };
        break;
      case 'deployment.removed':
        if (draft.status === 'removed') throw illegal(event, draft.status);
        draft.status = 'removed';
        draft.routed = null;
        draft.watch = null;
        draft.unproven = null;
        draft.pin = null;
        draft.dev = null;
        draft.found = null;
        break;
      default:
        break;
    }
    draft.updatedAt = event.time;
    draft.changedAt = event.seq;
    return undefined;
  },
};

/** Of a rollback that began with the request for its release the pin is as old as that. */
function pinnedBy(
  pin: Deployment['pin'],
  { data: { release, target }, time, seq }: Extract<PloinkyEvent, { type: 'deployment.rolledBack' }>,
): Deployment['pin'] {
  return pin?.release === release && pin.target === target ? pin : { release, target, since: time, seq };
}

/** A wish of its own counts whatever becomes of a release; one that came with a release counts once that serves. */
function stillUnproven(
  { watch, unproven }: Deployment,
  { watch: wish, cameWith }: DataOf<'deployment.watchChanged'>,
): Deployment['unproven'] {
  if (cameWith === undefined) return null;
  const before = unproven ?? { watch: watch !== null };
  return before.watch === wish ? null : before;
}

function isLatest({ id, latest, status }: Deployment, { stream }: PloinkyEvent): boolean {
  return status !== 'removed' && stream === `release:${releaseId(id, latest)}`;
}

function deploymentOf(event: PloinkyEvent): string {
  const id = event.stream.slice(event.stream.indexOf(':') + 1);
  return event.type.startsWith('release.') ? id.slice(0, id.lastIndexOf('#')) : id;
}
