import { deploymentKey } from '../core/names/names.ts';
import type { PruneItem } from '../projections/prunes.ts';
import type { Release } from '../projections/releases.ts';
import type { Views } from '../projections/views.ts';
import { type NeededReleases, neededReleases } from './needed-releases.ts';

/** What lies about: on this machine's disk, and in its engines. */
export interface StoredThings {
  readonly images: readonly {
    readonly engine: string;
    /** `sha256:…` */
    readonly id: string;
    readonly tags: readonly string[];
    readonly bytes: number;
    /** By any container, ours or not, running or not. */
    readonly inUse: boolean;
    /** Another image is built on it. */
    readonly hasChildren: boolean;
  }[];
  /** Below `agents/`: `<deployment key>/<n>`. */
  readonly checkouts: readonly Sized[];
  readonly installResults: readonly Sized[];
  /** Below `logs/`: `install-<deployment key>-<n>.log`. */
  readonly installLogs: readonly Sized[];
  readonly mirrors: readonly (Sized & {
    /** Some repository of today is mirrored by it. */
    readonly ofRepository: boolean;
    readonly address: string;
    /** `<deployment key>/<n>` */
    readonly pins: readonly string[];
  })[];
}

interface Sized {
  readonly id: string;
  readonly bytes: number;
}

export interface PrunePlan {
  readonly items: readonly PruneItem[];
  /** Images of ours that no release needs and that stay all the same. */
  readonly kept: readonly { readonly id: string; readonly reason: string }[];
}

type Known = Pick<Views, 'deployments' | 'releases' | 'containers' | 'prunes'>;

/** What no release that may be needed names. Nothing that runs, nothing that others made, nothing that a rollback would use. */
export function planPrune(views: Known, found: StoredThings, keep: number): PrunePlan {
  const needed = neededReleases(views, keep);
  const rule = `of each deployment ${keep === 1 ? 'the newest' : `the newest ${keep}`} that served ${keep === 1 ? 'is' : 'are'} kept`;
  const reason = `no release names it: ${rule}`;
  const { items, kept } = imagesToPrune(views, found, needed, reason);
  const name = ({ deployment, n }: Release) => `${deploymentKey(deployment)}/${n}`;
  const unclean = [...views.releases.values()].filter((release) => !release.cleaned || needed.eligible.has(release.id));
  const checkouts = new Set(unclean.map(name));
  const recent = new Set([...needed.recent.values()].map(name));
  const results = new Set([...needed.recent.values()].map(({ installKey }) => installKey));
  const logs = new Set([...recent].map((one) => `install-${one.replace('/', '-')}.log`));
  for (const { id, bytes } of found.checkouts) {
    if (!checkouts.has(id))
      items.push({ kind: 'checkout', id, bytes, reason: 'its release was cleaned up, or is not known' });
  }
  for (const { id, bytes } of found.installResults) {
    if (!results.has(id)) items.push({ kind: 'installResult', id, bytes, reason });
  }
  for (const { id, bytes } of found.installLogs) {
    if (!logs.has(id))
      items.push({
        kind: 'installLog',
        id,
        bytes,
        reason: keep === 1 ? 'it is not of the newest release' : `it is of none of the newest ${keep} releases`,
      });
  }
  const pinned = new Set([...needed.eligible.values()].map(name));
  for (const { id, bytes, pins, ofRepository, address } of found.mirrors) {
    const left = pins.filter((pin) => pinned.has(pin)).length;
    if (left === 0 && !ofRepository) {
      items.push({
        kind: 'mirror',
        id,
        bytes,
        reason: `${address} is no repository any more, and no release needs a commit of it`,
      });
    } else if (left < pins.length) {
      const needless = pins.length - left;
      items.push({
        kind: 'pins',
        id,
        bytes: 0,
        reason: `${needless} ${needless === 1 ? 'commit' : 'commits'} that no release names, in the mirror of ${address}: ${rule}`,
      });
    }
  }
  return { items, kept };
}

/** Which pins of a mirror may go. */
export function needlessPins(views: Known, pins: readonly string[], keep: number): string[] {
  const { eligible } = neededReleases(views, keep);
  const pinned = new Set([...eligible.values()].map(({ deployment, n }) => `${deploymentKey(deployment)}/${n}`));
  return pins.filter((pin) => !pinned.has(pin));
}

function imagesToPrune(views: Known, found: StoredThings, { eligible }: NeededReleases, reason: string) {
  const ours = new Map<string, { obtained: number; origin: string; made: string | null }>();
  const wanted = new Set<string>();
  for (const { engine, image, obtained } of views.releases.values()) {
    if (!image?.imageId || !obtained) continue;
    const id = `${engine} ${image.imageId}`;
    if ((ours.get(id)?.obtained ?? 0) > obtained.seq) continue;
    ours.set(id, { obtained: obtained.seq, origin: obtained.origin, made: image.reference });
  }
  for (const { engine, image, pinned } of eligible.values()) {
    for (const id of [image?.imageId, pinned?.image.imageId]) if (id) wanted.add(`${engine} ${id}`);
  }
  const removed = views.prunes.get('prune')?.images ?? {};
  const items: PruneItem[] = [];
  const kept: { id: string; reason: string }[] = [];
  for (const { engine, id: imageId, tags, bytes, inUse, hasChildren } of found.images) {
    const id = `${engine} ${imageId}`;
    const own = ours.get(id);
    // What was removed and is here again was brought by somebody else.
    if (!own || wanted.has(id) || own.obtained < (removed[id] ?? 0)) continue;
    const stays = inUse
      ? 'a container uses it'
      : hasChildren
        ? 'another image is built on it'
        : tags.length > 1
          ? `it has other names: ${tags.join(', ')}`
          : own.origin === 'made' && tags.length > 0
            ? 'it is the default image where no registry answers'
            : null;
    if (stays === null)
      items.push({ kind: 'image', id, bytes, reason: `${tags[0] ?? own.made ?? 'without a name'}: ${reason}` });
    else kept.push({ id, reason: stays });
  }
  return { items, kept };
}
