import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, readlink, rename, rm, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { nanoid } from 'nanoid';
import { writeSynced } from '../../../core/files/place-file.ts';
import { syncFolder } from '../../../core/files/sync-folder.ts';
import { eachOf } from './each-of.ts';
import { changesBetween, type FolderState, folderState } from './folder-state.ts';
import { fileHash, type InstallKey } from './install-key.ts';
import type { InstallManifest, StoredFile } from './install-manifest.ts';
import {
  parentsOf,
  refuseStale,
  refuseText,
  refuseUnfit,
  refuseWithheld,
  Unusable,
  type Withheld,
} from './install-refusals.ts';

export interface InstallEntry {
  readonly key: string;
  readonly release: string;
  readonly madeAt: string;
  readonly bytes: number;
  readonly files: number;
}

const small = 256 * 1024;

/**
 * Results of install steps by key. An entry is written beside its place and renamed when it is whole; every file is held
 * against its hash before it is used, so that what a power cut or a bad disk left is never taken for a result.
 */
export class InstallCache {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Undefined when there is none that could be read. */
  async find(key: string): Promise<InstallEntry | undefined> {
    const found = await this.#manifest(key);
    return found && entryOf(found);
  }

  /**
   * Puts what the step left into a fresh checkout.
   * @throws Unusable when the entry is damaged, went meanwhile or does not fit; the checkout is to be made anew then
   */
  async restore(key: InstallKey, target: string, state: FolderState, signal: AbortSignal): Promise<InstallEntry> {
    const manifest = await this.#manifest(key.key);
    if (!manifest) throw new Unusable('there is no entry');
    refuseStale(manifest, key, state);
    const from = join(this.folder, key.key, 'files');
    // What is written to a link lands where it leads.
    const clear = async (path: string, kind: 'file' | 'folder') => {
      const found = state.get(path);
      if (found && found.kind !== kind) await rm(join(target, path), { recursive: true, force: true });
    };
    try {
      for (const path of manifest.removed) await rm(join(target, path), { recursive: true, force: true });
      for (const [path] of manifest.folders) {
        await clear(path, 'folder');
        await mkdir(join(target, path), { recursive: true });
      }
      const placeFileOf = async ([path, mode, size, modifiedMs, sha256]: StoredFile) => {
        const place = join(target, path);
        await clear(path, 'file');
        await copyChecked(join(from, path), place, { size, sha256 });
        await chmod(place, mode);
        // Compilers and Python compare times.
        await utimes(place, modifiedMs / 1000, modifiedMs / 1000);
      };
      await eachOf(manifest.files, placeFileOf, signal);
      for (const [path, link] of manifest.links) {
        await rm(join(target, path), { recursive: true, force: true });
        await symlink(link, join(target, path));
      }
      // Last, and the innermost first: one that may not be written could not be filled.
      for (const [path, mode] of [...manifest.folders].reverse()) await chmod(join(target, path), mode);
    } catch (error) {
      if (signal.aborted) throw error;
      throw error instanceof Unusable ? error : new Unusable((error as Error).message, { cause: error });
    }
    return entryOf(manifest);
  }

  /**
   * Keeps what the step made of a checkout, in place of what was kept under the key before.
   * @throws NotKept with the reason; errors of the disk
   */
  async store(
    key: InstallKey,
    source: string,
    before: FolderState,
    about: {
      readonly release: string;
      readonly madeAt: string;
      readonly leaveOut: ReadonlySet<string>;
      readonly withheld: readonly Withheld[];
    },
    signal: AbortSignal,
  ): Promise<InstallEntry> {
    const { changed, removed } = changesBetween(before, await folderState(source, about.leaveOut));
    const files = changed.filter(([, { kind }]) => kind === 'file');
    const bytes = files.reduce((sum, [, { size }]) => sum + size, 0);
    refuseUnfit(key, before, { changed, removed, bytes });
    const place = join(this.folder, key.key);
    const work = `${place}.tmp-${nanoid(8)}`;
    const into = join(work, 'files');
    try {
      await mkdir(into, { recursive: true, mode: 0o700 });
      const folders = changed.filter(([, { kind }]) => kind === 'folder');
      const parents = new Set(changed.flatMap(([path]) => parentsOf(path)));
      for (const path of [...parents].sort()) await mkdir(join(into, path), { recursive: true, mode: 0o700 });
      for (const [path] of folders) await mkdir(join(into, path), { recursive: true, mode: 0o700 });
      const stored = new Map<string, StoredFile>();
      const keep = async ([path, { mode, size, modifiedMs }]: (typeof files)[number]) => {
        const copy = join(into, path);
        await copyFile(join(source, path), copy, constants.COPYFILE_FICLONE);
        await refuseWithheld(copy, path, about.withheld);
        stored.set(path, [path, mode, size, modifiedMs, await hashOf(copy, size)]);
      };
      await eachOf(files, keep, signal);
      const links: [string, string][] = [];
      for (const [path, { kind }] of changed) {
        if (kind !== 'link') continue;
        const target = await readlink(join(source, path));
        refuseText(target, path, about.withheld);
        links.push([path, target]);
      }
      const manifest: InstallManifest = {
        format: 1,
        key: key.key,
        release: about.release,
        madeAt: about.madeAt,
        bytes,
        folders: folders.map(([path, { mode }]) => [path, mode]),
        files: files.map(([path]) => stored.get(path) as StoredFile),
        links,
        removed,
      };
      await writeSynced(join(work, 'manifest.json'), JSON.stringify(manifest), 'wx');
      await syncFolder(work);
      await this.remove(key.key);
      await rename(work, place);
      await syncFolder(this.folder);
      return entryOf(manifest);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }

  /** Every entry; those that cannot be read come without a manifest's word. What was cut off goes. */
  async list(): Promise<readonly InstallEntry[]> {
    const entries: InstallEntry[] = [];
    for (const name of await this.#names()) {
      if (!/^[0-9a-f]{64}$/.test(name)) continue;
      entries.push((await this.find(name)) ?? { key: name, release: '', madeAt: '', bytes: 0, files: 0 });
    }
    return entries;
  }

  /** At once gone for whoever looks; a release that is just reading it makes its own. */
  async remove(key: string): Promise<void> {
    const gone = join(this.folder, `${key}.gone-${nanoid(8)}`);
    try {
      await rename(join(this.folder, key), gone);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    await rm(gone, { recursive: true, force: true });
  }

  /** What a killed server left half made or half removed. Only while nothing is stored. */
  async tidy(): Promise<void> {
    for (const name of await this.#names()) {
      if (/\.(?:tmp|gone)-/.test(name)) await rm(join(this.folder, name), { recursive: true, force: true });
    }
  }

  async #names(): Promise<string[]> {
    return readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
  }

  async #manifest(key: string): Promise<InstallManifest | undefined> {
    try {
      const read = JSON.parse(await readFile(join(this.folder, key, 'manifest.json'), 'utf8')) as InstallManifest;
      return read.format === 1 && read.key === key ? read : undefined;
    } catch {
      return undefined;
    }
  }
}

function entryOf({ key, release, madeAt, bytes, files }: InstallManifest): InstallEntry {
  return { key, release, madeAt, bytes, files: files.length };
}

/** Small ones are read once; large ones are cloned where the disk can do that. */
async function copyChecked(from: string, to: string, wanted: { size: number; sha256: string }): Promise<void> {
  if ((await hashOf(from, wanted.size)) !== wanted.sha256) throw new Unusable(`${from} is not what was stored`);
  await copyFile(from, to, constants.COPYFILE_FICLONE);
}

async function hashOf(path: string, size: number): Promise<string> {
  if (size > small) return fileHash(path);
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
