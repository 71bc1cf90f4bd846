import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredThings } from '../../decisions/plan-prune.ts';
import { folderState } from '../pipeline/install/folder-state.ts';
import type { InstallCache } from '../pipeline/install/install-cache.ts';
import type { World } from '../pipeline/world.ts';

/** Looks at disk and engines. An engine that does not answer has nothing to remove for now. */
export async function storedThings(world: World, cache: InstallCache, signal: AbortSignal): Promise<StoredThings> {
  const { paths, git } = world;
  return {
    images: await images(world, signal),
    checkouts: await checkouts(join(paths.data, 'agents')),
    installResults: (await cache.list()).map(({ key, bytes }) => ({ id: key, bytes })),
    installLogs: await installLogs(paths.logs),
    mirrors: await Promise.all(
      (await git.storage.list()).map(async (mirror) => ({
        ...mirror,
        ofRepository: [...world.views.repositories.values()].some((known) => git.mirrorOf(known.url) === mirror.id),
        bytes: await sizeOf(join(paths.repos, mirror.id)),
      })),
    ),
  };
}

async function images({ views, engines, logger }: World, signal: AbortSignal): Promise<StoredThings['images']> {
  const used = new Set([...views.releases.values()].flatMap(({ obtained, engine }) => (obtained ? engine : [])));
  const found = await Promise.all(
    [...used].map(async (name) => {
      try {
        const engine = await engines.get(name);
        return (await engine.images(signal)).map((image) => ({ engine: name, ...image }));
      } catch (error) {
        if (signal.aborted) throw error;
        logger.warn({ engine: name, err: error }, 'its images are left alone for now');
        return [];
      }
    }),
  );
  return found.flat();
}

async function checkouts(folder: string): Promise<StoredThings['checkouts']> {
  const found: { id: string; bytes: number }[] = [];
  // A key holds a dash; what else lies there, as the operator's own static files, is not ours.
  for (const key of (await names(folder)).filter((name) => name.includes('-'))) {
    for (const n of await names(join(folder, key))) {
      if (/^[1-9]\d*$/.test(n)) found.push({ id: `${key}/${n}`, bytes: await sizeOf(join(folder, key, n)) });
    }
  }
  return found;
}

async function installLogs(folder: string): Promise<StoredThings['installLogs']> {
  const logs = (await names(folder)).filter((name) => /^install-.*-[1-9]\d*\.log$/.test(name));
  return Promise.all(logs.map(async (id) => ({ id, bytes: await sizeOf(join(folder, id)) })));
}

/** Sum of the files; 0 where it is gone by now. */
async function sizeOf(path: string): Promise<number> {
  try {
    const stat = await lstat(path);
    if (!stat.isDirectory()) return stat.size;
    let sum = 0;
    for (const { kind, size } of (await folderState(path)).values()) if (kind === 'file') sum += size;
    return sum;
  } catch {
    return 0;
  }
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}
