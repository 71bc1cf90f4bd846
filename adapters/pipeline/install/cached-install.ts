import type { Release } from '../../../projections/releases.ts';
import type { ContainerSpec } from '../../engine/engine-port.ts';
import { secretValues } from '../../secrets/release-values.ts';
import type { World } from '../world.ts';
import { type FolderState, folderState } from './folder-state.ts';
import { InstallCache, type InstallEntry } from './install-cache.ts';
import { type InstallKey, installKey } from './install-key.ts';
import { NotKept, Unusable } from './install-refusals.ts';

/** Shorter values occur by chance. */
const shortest = 8;

export interface InstallParts {
  readonly release: Release;
  readonly text: string;
  readonly spec: ContainerSpec;
  /** The checkout, as Git made it. */
  readonly code: string;
  /** Makes it anew. */
  readonly prepare: () => Promise<void>;
  /** Runs the step in it. @throws PloinkyError INSTALL_FAILED */
  readonly run: () => Promise<void>;
  /** Told instead of the step's own output when there is none. */
  readonly say: (line: string) => Promise<void>;
}

/** What `release.installed` tells; null = neither looked for nor kept. */
export type CacheUse = { readonly key: string; readonly hit: boolean } | null;

/** Takes what the same step made of the same before, else runs it and keeps what it made. */
export async function cachedInstall(world: World, parts: InstallParts, signal: AbortSignal): Promise<CacheUse> {
  const { release, text, spec, code, run, say } = parts;
  if (!world.settings()['install.cache']) {
    await run();
    return null;
  }
  const leaveOut = placesOfMounts(spec);
  const cache = new InstallCache(world.paths.installCache);
  let before = await folderState(code, leaveOut);
  const key = await installKey({ engine: release.engine as 'process', text, spec, folder: code, state: before });
  if (key === null) {
    await run();
    return null;
  }
  if (!release.noCache && (await cache.find(key.key))) {
    const taken = await take(world, parts, { cache, key, before }, signal);
    if (taken) {
      await say(
        `Nothing was run: release ${taken.release} did the same at ${taken.madeAt} (cache ${key.key.slice(0, 12)}).`,
      );
      return { key: key.key, hit: true };
    }
    await parts.prepare();
    before = await folderState(code, leaveOut);
  }
  await run();
  const kept = await keep(world, parts, { cache, key, before, leaveOut }, signal);
  return kept ? { key: key.key, hit: false } : null;
}

interface Place {
  readonly cache: InstallCache;
  readonly key: InstallKey;
  readonly before: FolderState;
}

async function take(
  { logger }: World,
  { release, code }: InstallParts,
  { cache, key, before }: Place,
  signal: AbortSignal,
): Promise<InstallEntry | null> {
  try {
    return await cache.restore(key, code, before, signal);
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    const about = { release: release.id, key: key.key };
    logger.warn({ ...about, reason: error.message }, 'what the install cache has cannot be used; the step runs');
    return null;
  }
}

/** A result that cannot be kept costs the next release some time, and this one nothing. */
async function keep(
  { logger, now, secrets }: World,
  { release, code }: InstallParts,
  { cache, key, before, leaveOut }: Place & { readonly leaveOut: ReadonlySet<string> },
  signal: AbortSignal,
): Promise<boolean> {
  const madeAt = new Date(now()).toISOString();
  // In a container the place is always /agent; here the next release has another one.
  const place = { text: code, what: 'the place that it was made in' };
  try {
    const values = Object.entries(await secretValues(secrets, release));
    const withheld = [
      ...(release.engine === 'process' ? [place] : []),
      // A value that is destroyed later must not go on here.
      ...values.flatMap(([name, text]) =>
        text.length < shortest ? [] : { text, what: `the secret that ${name} has` },
      ),
    ];
    await cache.store(key, code, before, { release: release.id, madeAt, leaveOut, withheld }, signal);
    return true;
  } catch (error) {
    if (signal.aborted) throw error;
    const reason = (error as Error).message;
    const about = { release: release.id, key: key.key, reason };
    if (error instanceof NotKept) logger.info(about, 'what the install step made is not kept');
    else logger.warn({ ...about, err: error }, 'what the install step made could not be kept');
    return false;
  }
}

/** Below the agent's folder: what is mounted there is no part of it. */
function placesOfMounts({ mounts }: ContainerSpec): ReadonlySet<string> {
  const inside = mounts.filter(({ target }) => target.startsWith('/agent/')).map(({ target }) => target.slice(7));
  return new Set(inside.flatMap((path) => [path, `${path}.covered`]));
}
