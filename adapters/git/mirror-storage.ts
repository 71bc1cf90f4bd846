import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nanoid } from 'nanoid';
import type { Mirror, MirrorFolder } from './mirror.ts';
import { readRefs, unpin } from './mirror-refs.ts';
import type { Remote } from './remote.ts';
import type { Turns } from './turns.ts';

/** A mirror as it lies on disk. */
export interface StoredMirror {
  /** Name of its folder below `repos/`. */
  readonly id: string;
  /** Of the remote; empty when it does not say. */
  readonly address: string;
  /** `<deployment key>/<release>` of the commits that are kept for releases. */
  readonly pins: readonly string[];
}

const ours = 'refs/ploinky/';

/** What mirrors keep for releases that nobody needs any more. One step on a mirror at a time, as for everything that writes to it. */
export class MirrorStorage {
  readonly #mirrors: MirrorFolder;
  readonly #turns: Turns;
  readonly #folder: string;

  constructor(folder: string, mirrors: MirrorFolder, turns: Turns) {
    this.#folder = folder;
    this.#mirrors = mirrors;
    this.#turns = turns;
  }

  /** One that Git cannot read any more comes without pins, as one that the next fetch makes anew. */
  async list(): Promise<readonly StoredMirror[]> {
    await this.#mirrors.home();
    const names = (await readdir(this.#folder)).filter((name) => /^[0-9a-f]{32}\.git$/.test(name));
    const stored: StoredMirror[] = [];
    for (const id of names.sort()) {
      const refs = await readRefs(await this.#mirrors.at(id), [ours]).catch(() => null);
      if (refs === null) continue;
      const pins = [...refs.keys()].map((ref) => ref.slice(ours.length));
      stored.push({ id, address: await this.#address(id), pins });
    }
    return stored;
  }

  /** Takes pins away, and what only they kept off the disk. @throws LocalGitError */
  async unpin(id: string, choose: (pins: readonly string[]) => readonly string[], signal: AbortSignal): Promise<void> {
    await this.#inTurn(id, signal, async (mirror) => {
      const pins = [...(await readRefs(mirror, [ours])).keys()].map((ref) => ref.slice(ours.length));
      for (const pin of choose(pins)) await unpin(mirror, `${ours}${pin}`);
      await mirror.run(['gc', '--quiet', '--prune=1.hour.ago'], { signal });
    });
  }

  async remove(id: string, signal: AbortSignal): Promise<void> {
    await this.#inTurn(id, signal, async ({ folder }) => {
      // A name that the next start throws away, should this one be killed.
      const gone = `${folder}.tmp-${nanoid(8)}`;
      await rename(folder, gone).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
      await rm(gone, { recursive: true, force: true });
    });
  }

  async #inTurn(id: string, signal: AbortSignal, step: (mirror: Mirror) => Promise<void>): Promise<void> {
    const address = await this.#address(id);
    const remote = { key: address, label: address, signal, deadline: signal } as Remote;
    const mirror = await this.#mirrors.at(id);
    await this.#turns.take(remote, () => step(mirror));
  }

  /** As the mirror says it itself. */
  async #address(id: string): Promise<string> {
    const text = await readFile(join(this.#folder, id, 'description'), 'utf8').catch(() => '');
    return /^Mirror of (.*), kept by Ploinky\.\s*$/s.exec(text)?.[1] ?? '';
  }
}
