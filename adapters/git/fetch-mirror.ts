import { rm } from 'node:fs/promises';
import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import { isDamage } from './damage.ts';
import type { Mirror, MirrorFolder } from './mirror.ts';
import { missingObjects, pin, RemoteMoved, readRefs, writeRefs } from './mirror-refs.ts';
import { checkTime, fetchObjects, listRemote, type Remote } from './remote.ts';
import { type RemoteRefs, refChanges } from './remote-refs.ts';

/** Runs steps that write to one mirror one after the other. */
export type Exclusively = <T>(step: () => Promise<T>) => Promise<T>;

/** How often a remote may move under our hands before we give up. */
const attempts = 4;

/**
 * Asks the remote for its refs and brings what is new. Asking goes on side by side; only writing waits for its turn.
 * A new address gets its mirror only after the remote answered. A damaged mirror is made anew.
 * @throws PloinkyError GIT_*
 */
export async function fetchMirror(
  mirrors: MirrorFolder,
  remote: Remote,
  exclusively: Exclusively,
): Promise<RemoteRefs> {
  for (let attempt = 1; ; attempt += 1) {
    const held = branchesAndTags(mirrors, remote);
    const refs = await listRemote(remote).finally(() => held);
    // Most deploys find nothing new.
    if (isSame(await held, refs)) return refs;
    // Some web pages look like an empty repository; a mirror of one would only lie about.
    if (refs.objects.size === 0 && !(await mirrors.exists(remote.key))) return refs;
    try {
      await exclusively(() => bring(mirrors, remote, refs));
      return refs;
    } catch (error) {
      const moved = error instanceof RemoteMoved || isPloinkyError(error, 'GIT_REF_NOT_FOUND');
      if (!moved || attempt === attempts) throw error;
    }
  }
}

/** Makes the mirror anew from the remote, and keeps every pin whose commit can still be read. */
export async function remakeMirror(mirrors: MirrorFolder, remote: Remote, exclusively: Exclusively): Promise<void> {
  const refs = await listRemote(remote);
  await exclusively(() => remake(mirrors, remote, refs));
}

/** What the mirror has, empty where it cannot be read. Never rejects. */
async function branchesAndTags(mirrors: MirrorFolder, { key }: Remote): Promise<ReadonlyMap<string, string>> {
  if (!(await mirrors.exists(key))) return new Map();
  return readRefs(await mirrors.open(key), ['refs/heads', 'refs/tags']).catch(() => new Map());
}

function isSame(have: ReadonlyMap<string, string>, { objects }: RemoteRefs): boolean {
  const { set, drop } = refChanges(have, objects);
  return have.size > 0 && set.size + drop.length === 0;
}

async function bring(mirrors: MirrorFolder, remote: Remote, refs: RemoteRefs): Promise<void> {
  // The time may have run out while others had their turn.
  checkTime(remote);
  const mirror = await mirrors.open(remote.key);
  let changed = true;
  try {
    changed = await fill(remote, mirror, refs);
  } catch (error) {
    if (!isDamage(error)) throw error;
    checkTime(remote);
    await remake(mirrors, remote, refs);
  }
  // Somebody waits, and where nothing was new there is nothing to collect.
  if (changed) await collectGarbage(remote, mirror);
}

/** @returns whether anything was new */
async function fill(remote: Remote, mirror: Mirror, refs: RemoteRefs): Promise<boolean> {
  const changes = refChanges(await readRefs(mirror, ['refs/heads', 'refs/tags']), refs.objects);
  if (changes.set.size > 0) await fetchObjects(remote, mirror, [...changes.set.keys()]);
  const changed = changes.set.size + changes.drop.length > 0;
  if (changed) await writeRefs(mirror, changes, remote.signal);
  return changed;
}

async function remake(mirrors: MirrorFolder, remote: Remote, refs: RemoteRefs): Promise<void> {
  const old = await mirrors.open(remote.key);
  const fresh = await mirrors.makeEmpty(remote.key);
  try {
    await fillAnew(remote, { old, fresh }, refs);
  } catch (error) {
    await rm(fresh.folder, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
  await mirrors.replace(remote.key, fresh);
}

async function fillAnew(
  remote: Remote,
  { old, fresh }: { old: Mirror; fresh: Mirror },
  refs: RemoteRefs,
): Promise<void> {
  await fill(remote, fresh, refs);
  const pins = await readRefs(old, ['refs/ploinky']).catch((error: unknown) => {
    if (!isDamage(error)) throw error;
    return new Map<string, string>();
  });
  for (const [ref, commit] of pins) await carryPin(old, fresh, ref, commit);
}

/** A pin whose commit is in neither place is lost; the release that has it cannot be made again. */
async function carryPin(old: Mirror, fresh: Mirror, ref: string, commit: string): Promise<void> {
  const args = [
    'fetch',
    '--quiet',
    '--no-tags',
    '--no-write-fetch-head',
    '--no-auto-gc',
    '--',
    old.folder,
    `${ref}:${ref}`,
  ];
  try {
    await fresh.run(args, { env: { GIT_ALLOW_PROTOCOL: 'file' } });
  } catch (error) {
    // Machines get well again, and the pin is still in the old mirror then.
    if (!isDamage(error)) throw error;
    if ((await missingObjects(fresh, [commit])).length === 0) await pin(fresh, ref, commit);
  }
}

/** Every fetch adds a pack; Git decides when they are too many. Nothing depends on it, so its failure is no failure. */
async function collectGarbage(remote: Remote, mirror: Mirror): Promise<void> {
  await mirror.run(['gc', '--auto', '--quiet'], { signal: remote.signal }).catch(() => {});
}
