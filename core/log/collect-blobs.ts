import { unlinkSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface CollectOptions {
  /** Milliseconds since 1970: what is younger stays, since its event may not be durable yet. */
  readonly olderThan: number;
  /** Names in use. Asked only when there is something to collect, after the files were listed. */
  readonly named: () => Promise<ReadonlySet<string>>;
  readonly dryRun?: boolean;
}

export interface Collected {
  readonly count: number;
  readonly bytes: number;
}

/**
 * Names that are being put, or were put since a collection began: they may be in no event yet. Only one process has a
 * cloud's log open, so that nobody else puts any.
 */
export class FreshNames {
  readonly #putting = new Map<string, number>();
  #since: Set<string> | null = null;

  begin(name: string): () => void {
    this.#putting.set(name, (this.#putting.get(name) ?? 0) + 1);
    this.#since?.add(name);
    return () => {
      const left = (this.#putting.get(name) ?? 1) - 1;
      if (left === 0) this.#putting.delete(name);
      else this.#putting.set(name, left);
    };
  }

  watch(): { has(name: string): boolean; end(): void } {
    const since = new Set(this.#putting.keys());
    this.#since = since;
    return {
      has: (name) => since.has(name),
      end: () => {
        this.#since = null;
      },
    };
  }
}

const name = /^([0-9a-f]{64})(\.[0-9a-f]{12})?$/;

/** Mark and sweep. Unfinished files of puts that a crash cut off go as well. */
export async function collectBlobs(root: string, fresh: FreshNames, options: CollectOptions): Promise<Collected> {
  const watch = fresh.watch();
  try {
    const old = await oldFiles(root, options.olderThan);
    if (old.length === 0) return { count: 0, bytes: 0 };
    const named = await options.named();
    let count = 0;
    let bytes = 0;
    for (const { blob, whole, file, size } of old) {
      if (watch.has(blob) || (whole && named.has(blob))) continue;
      // In the same turn as the look: a put that begins later finds the file gone and writes it again.
      if (!options.dryRun) unlinkSync(file);
      count += 1;
      bytes += size;
    }
    return { count, bytes };
  } finally {
    watch.end();
  }
}

async function oldFiles(root: string, olderThan: number) {
  const old: { blob: string; whole: boolean; file: string; size: number }[] = [];
  for (const shelf of await namesIn(root)) {
    for (const found of await namesIn(join(root, shelf))) {
      const match = name.exec(found);
      if (!match) continue;
      const file = join(root, shelf, found);
      const about = await stat(file).catch(() => null);
      if (!about?.isFile() || about.mtimeMs >= olderThan) continue;
      old.push({ blob: match[1] as string, whole: match[2] === undefined, file, size: about.size });
    }
  }
  return old;
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
