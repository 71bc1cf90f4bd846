import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { placeFile } from '../../core/files/place-file.ts';
import type { FoldedState } from '../../core/kernel/store.ts';
import type { SnapshotHead, Snapshots } from '../../history/snapshots.ts';
import {
  decodeHead,
  decodeSnapshot,
  encodeSnapshot,
  longestHead,
  type Reducers,
  UnusableSnapshot,
} from './snapshot-format.ts';

/** At most so many are kept. */
export const mostSnapshots = 64;

export interface FileSnapshotsOptions {
  /** `snapshots/` below it holds them. */
  readonly dataFolder: string;
  readonly reducers: Reducers;
  /** Told once of each file that is passed over, and why. */
  readonly onIgnored?: (file: string, reason: string) => void;
}

/** Snapshots as files that are named by their seq. */
export class FileSnapshots implements Snapshots {
  readonly #folder: string;
  readonly #reducers: Reducers;
  readonly #onIgnored: (file: string, reason: string) => void;
  readonly #heads = new Map<number, SnapshotHead>();
  readonly #ignored = new Set<number>();

  constructor({ dataFolder, reducers, onIgnored = () => {} }: FileSnapshotsOptions) {
    this.#folder = join(dataFolder, 'snapshots');
    this.#reducers = reducers;
    this.#onIgnored = onIgnored;
  }

  async seqs(): Promise<readonly number[]> {
    return (await this.#all()).filter((seq) => !this.#ignored.has(seq));
  }

  async head(seq: number): Promise<SnapshotHead | null> {
    const known = this.#heads.get(seq);
    if (known) return known;
    return this.#attempt(seq, async () => {
      const head = decodeHead(await firstBytes(this.#file(seq)), this.#reducers);
      if (head.seq !== seq) throw new UnusableSnapshot(`it is of event ${head.seq}`);
      this.#heads.set(seq, head);
      return head;
    });
  }

  state(seq: number): Promise<FoldedState | null> {
    return this.#attempt(seq, async () => {
      const state = await decodeSnapshot(await readFile(this.#file(seq)), this.#reducers);
      if (state.seq !== seq) throw new UnusableSnapshot(`it is of event ${state.seq}`);
      return state;
    });
  }

  foreign(seq: number): void {
    this.#ignore(seq, 'the log does not have the event it was made after');
  }

  /** Complete, or not there at all. Afterwards at most `mostSnapshots` are left. @throws errors of the disk */
  async write(state: FoldedState): Promise<void> {
    const bytes = await encodeSnapshot(state, this.#reducers);
    const file = this.#file(state.seq);
    await placeFile(file, bytes, { staged: `${file}.new` });
    this.#forget(state.seq);
    await this.#thin();
  }

  /** Takes away what a writer that was killed left, and what nobody will ever use. */
  async tidy(): Promise<void> {
    for (const name of await this.#names()) {
      if (name.endsWith('.new')) await rm(join(this.#folder, name), { force: true });
    }
    for (const seq of this.#ignored) await rm(this.#file(seq), { force: true });
  }

  async #thin(): Promise<void> {
    for (const seq of superfluous(await this.#all(), mostSnapshots)) {
      await rm(this.#file(seq), { force: true });
      this.#forget(seq);
    }
  }

  #forget(seq: number): void {
    this.#heads.delete(seq);
    this.#ignored.delete(seq);
  }

  async #attempt<T>(seq: number, read: () => Promise<T>): Promise<T | null> {
    try {
      return await read();
    } catch (error) {
      // Thinned out by the server while it was looked for: nothing is wrong with it.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#ignore(seq, (error as Error).message);
      return null;
    }
  }

  #ignore(seq: number, reason: string): void {
    if (this.#ignored.has(seq)) return;
    this.#ignored.add(seq);
    this.#heads.delete(seq);
    this.#onIgnored(this.#file(seq), reason);
  }

  async #all(): Promise<number[]> {
    const seqs = (await this.#names()).map((name) => Number(/^(\d{15})\.snapshot$/.exec(name)?.[1] ?? Number.NaN));
    return seqs.filter((seq) => !Number.isNaN(seq)).sort((a, b) => a - b);
  }

  async #names(): Promise<string[]> {
    return readdir(this.#folder).catch(() => []);
  }

  #file(seq: number): string {
    return join(this.#folder, `${String(seq).padStart(15, '0')}.snapshot`);
  }
}

/** Which to leave out so that `most` stay, spread evenly. The newest stays: a start needs it. */
export function superfluous(seqs: readonly number[], most: number): number[] {
  const kept = [...seqs];
  const left: number[] = [];
  while (kept.length > most) {
    let least = 0;
    const gap = (at: number) => (kept[at + 1] ?? 0) - (kept[at - 1] ?? 0);
    for (let at = 1; at < kept.length - 1; at += 1) if (gap(at) < gap(least)) least = at;
    left.push(...kept.splice(least, 1));
  }
  return left;
}

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(longestHead), 0, longestHead, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
