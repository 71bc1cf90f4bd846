import type { DataOf, PloinkyEvent } from '../core/events/catalogue.ts';
import type { Projection } from '../core/kernel/projection.ts';
import { illegal } from '../core/kernel/transition.ts';

export type DeploymentConfig = DataOf<'deployment.requested'>['config'];

/** What came with the request for a release. */
export interface Wish {
  release: number;
  config: DeploymentConfig;
  pin: Deployment['pin'];
  dev: Deployment['dev'];
}

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
  /**
   * Releases that are being made, oldest first. Several only as long as it is not known whether the newer ones find a source:
   * then the newest that does goes on alone.
   */
  underWay: (Wish & {
    /** Whether pushes are to be followed where it comes to serve. */
    watch: boolean;
  })[];
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
  /** What was asked for last; once it is known to have no source, what was asked for before, if anything ever had one. */
  config: DeploymentConfig;
  /** What comes back where a newer release finds no source; null = no release ever had one. */
  found: Wish | null;
  createdAt: string;
  updatedAt: string;
  /** Seq of the last event that changed it; what an operator saw can be compared with it. */
  changedAt: number;
}

export const deployments: Projection<Deployment> = {
  name: 'deployments',
  version: 11,
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
    'release.retired',
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
        underWay: [],
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
      const wish = { release, config, pin, dev };
      return {
        id,
        domain,
        path,
        status: kept.status === 'failed' ? 'requested' : kept.status,
        latest: release,
        routed: kept.routed,
        underWay: [...kept.underWay, { ...wish, watch: kept.watch !== null }],
        replicas: kept.replicas,
        scaled: kept.scaled,
        watch: kept.watch,
        unproven: kept.unproven,
        pin,
        dev,
        config,
        // A rollback pins also where it fails.
        found: pin ? wish : kept.found,
        createdAt: kept.createdAt,
        updatedAt: event.time,
        changedAt: event.seq,
      };
    }
    if (!draft) throw illegal(event, 'absent');
    switch (event.type) {
      case 'release.sourceResolved': {
        const one = draft.underWay.find(isOf(event));
        if (one) draft.found = wishOf(one);
        // Nothing of it that an operator saw has changed.
        return undefined;
      }
      case 'release.retired':
        draft.underWay = draft.underWay.filter((one) => !isOf(event)(one));
        // Whatever it gave way to has told.
        return undefined;
      case 'release.failed':
        // A late failure of a removed deployment or a release that gave way changes nothing here.
        if (!draft.underWay.some(isOf(event))) break;
        draft.underWay = draft.underWay.filter((one) => !isOf(event)(one));
        if (draft.status === 'requested' && draft.underWay.length === 0) draft.status = 'failed';
        // Pushes go on with what was wished before, not with a mistyped branch or agent.
        wishAsBefore(draft);
        break;
      case 'deployment.routed': {
        if (draft.status === 'removed') throw illegal(event, draft.status);
        const { release } = event.data;
        draft.status = 'active';
        draft.routed = release;
        draft.unproven = unprovenBeside(draft, release);
        takeOver(draft, release);
        break;
      }
      case 'deployment.scaled':
        if (draft.status === 'removed') throw illegal(event, draft.status);
        draft.replicas = event.data.replicas;
        draft.scaled = { event: event.id, seq: event.seq, trace: event.trace };
        break;
      case 'deployment.watchChanged':
        if (draft.status === 'removed') throw illegal(event, draft.status);
        draft.unproven = stillUnproven(draft, event.data);
        draft.watch = event.data.watch ? event.id : null;
        for (const one of draft.underWay) {
          if ((event.data.cameWith ?? one.release) === one.release) one.watch = event.data.watch;
        }
        break;
      case 'deployment.rolledBack':
        // What was asked for in between, and did not come to serve, is asked for no more.
        draft.found = rolledBackTo(draft, event);
        wishAsBefore(draft);
        break;
      case 'deployment.removed':
        if (draft.status === 'removed') throw illegal(event, draft.status);
        draft.status = 'removed';
        draft.routed = null;
        draft.underWay = [];
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
function rolledBackTo(
  { config, dev, pin, found }: Deployment,
  { data, time, seq }: Extract<PloinkyEvent, { type: 'deployment.rolledBack' }>,
): Wish {
  const { release, target, outcome } = data;
  // Where it began with a request, the wish of that was found at once, and a newer request does not take it away.
  const began = outcome === 'deployed' && found?.release === release && found.pin?.target === target;
  const own = began ? found : { config, dev, pin };
  const asked = own.pin?.release === release && own.pin.target === target;
  const since = asked ? own.pin : { release, target, since: time, seq };
  return { release, config: data.config ?? own.config, pin: since, dev: own.dev };
}

function wishOf({ release, config, pin, dev }: Wish): Wish {
  return { release, config, pin, dev };
}

/** That of the newest release which is still being made, else that of the last one that had a source. */
function wishAsBefore(draft: Deployment): void {
  const wish = draft.underWay.at(-1) ?? draft.found;
  if (!wish) return;
  draft.config = wish.config;
  draft.pin = wish.pin;
  draft.dev = wish.dev;
}

/** It is this that working trees replace which were asked for while it was being made; changes of the same folder replace what it did. */
function takeOver(draft: Deployment, served: number): void {
  const own = draft.underWay.find(({ release }) => release === served)?.dev;
  draft.underWay = draft.underWay.filter(({ release }) => release !== served);
  for (const one of draft.underWay) {
    const same = own && one.dev?.machine === own.machine && one.dev.folder === own.folder;
    if (one.dev && !same) one.dev = { ...one.dev, replaced: served };
  }
  const newest = draft.underWay.at(-1);
  if (newest) draft.dev = newest.dev;
}

/** A release that serves proves the wish that it came with; a newer one beside it may still have come with another. */
function unprovenBeside({ underWay, watch }: Deployment, served: number): Deployment['unproven'] {
  const own = underWay.find(({ release }) => release === served);
  const newer = underWay.some(({ release }) => release > served);
  return own && newer && own.watch !== (watch !== null) ? { watch: own.watch } : null;
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

function isOf({ stream }: PloinkyEvent): (one: Wish) => boolean {
  const n = Number(stream.slice(stream.lastIndexOf('#') + 1));
  return ({ release }) => release === n;
}

function deploymentOf(event: PloinkyEvent): string {
  const id = event.stream.slice(event.stream.indexOf(':') + 1);
  return event.type.startsWith('release.') ? id.slice(0, id.lastIndexOf('#')) : id;
}
